// Monaco writes <style> elements; the content security policy lets in those with our nonce.
const { nonce } = document.querySelector("script[nonce]");
const create = document.createElement;

document.createElement = function (name, options) {
  const made = create.call(this, name, options);
  if (made instanceof HTMLStyleElement) made.nonce = nonce;
  return made;
};
