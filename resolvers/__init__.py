"""How it answers: operations to SQL, and the verbs that write."""
