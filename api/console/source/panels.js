// A panel is shown and hidden by the buttons of GraphiQL's own sidebar: only they make room for it.
const press = (label) =>
  document.querySelector(`.graphiql-sidebar button[aria-label${label}]`)?.click();

export const show = ({ title }) => press(`="Show ${title}"`);
export const hide = () => press('^="Hide "');
