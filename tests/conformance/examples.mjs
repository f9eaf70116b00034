// The examples of the guide, whose packages are those of this directory.
import { registerHooks } from "node:module";

const here = new URL("./", import.meta.url).href;
const examples = new URL("../../docs/examples/", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const bare = !specifier.startsWith(".") && context.parentURL?.startsWith(examples);
    return next(specifier, bare ? { ...context, parentURL: here } : context);
  },
});
