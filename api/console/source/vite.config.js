// Everything is named by its content, and nothing is loaded but from beside it.
export default {
  base: "./",
  build: {
    assetsDir: ".",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: Infinity,
    license: { fileName: "licenses.md" },
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: "main.jsx" },
    target: "es2022",
  },
  clearScreen: false,
  publicDir: false,
  worker: { format: "iife" }, // in one file: a worker may not load another
};
