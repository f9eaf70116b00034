// Packages are those of this directory, wherever the script is that asks for them.
import { registerHooks } from "node:module";

const here = new URL("./", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const bare = /^[@\w][^:]*$/.test(specifier);
    const ours = context.parentURL && !context.parentURL.includes("/node_modules/");
    return next(specifier, bare && ours ? { ...context, parentURL: here } : context);
  },
});
