// A list of questions to begin with.
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { Kind, parse } from "graphql";
import { useEffect } from "react";
import { hide } from "./panels.js";
import { current } from "./session.js";
import { examples, texts } from "./told.js";

const NARROW = matchMedia("(max-width: 52rem)");

function facts(query) {
  const documentAST = parse(query);
  const operations = documentAST.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return { documentAST, operations, operationName: operations[0].name.value };
}

/** Opens an example where nothing of the user's own is lost. */
function useOpening() {
  const editor = useGraphiQL((state) => state.queryEditor);
  const answer = useGraphiQL((state) => state.responseEditor);
  const { addTab, setOperationFacts, stop, updateActiveTabValues } = useGraphiQLActions();
  return (example) => {
    const now = editor.getValue().trim();
    if (now && !examples.some(({ query }) => query.trim() === now)) addTab();
    stop(); // an answer that is still to come belongs to what was there before
    editor.setValue(example.query);
    answer?.setValue(""); // so does the one that is there
    updateActiveTabValues({ response: null });
    setOperationFacts(facts(example.query)); // the editor's own come too late for a quick click
    if (NARROW.matches) hide();
  };
}

function Examples() {
  const open = useOpening();
  return (
    <section className="vinculo-panel" aria-label={texts.examples}>
      <h2>{texts.examples}</h2>
      <p>{texts.examples_lead}</p>
      <ol>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" id={`example-${example.name}`} onClick={() => open(example)}>
              {example.title}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <path d="M4 6h2M4 12h2M4 18h2M10 6h10M10 12h10M10 18h10" />
  </svg>
);

export const EXAMPLES = { title: texts.examples, icon: Icon, content: Examples };

/** What is done once: long lines are broken, and the example is opened that the address names. */
export function Beginning() {
  const open = useOpening();
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => {
    if (!editor) return;
    editor.updateOptions({ wordWrap: "on" });
    if (NARROW.matches && current().phase === "out" && !current().problem) hide();
    const named = examples.find(({ name }) => `#${name}` === location.hash);
    if (named) {
      history.replaceState(null, "", location.pathname + location.search);
      open(named);
    }
  }, [editor]);
}
