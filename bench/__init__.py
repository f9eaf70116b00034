"""The reads, measured beside PostGraphile and hand-written SQL."""
