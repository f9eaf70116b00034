// GraphiQL over our own endpoint, with examples and login beside its own tools.
import "./policy.js";
import "./workers.js";

import { explorerPlugin } from "@graphiql/plugin-explorer";
import "@graphiql/plugin-explorer/style.css";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import "graphiql/style.css";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { ACCESS, useSession } from "./access.jsx";
import "./console.css";
import { Beginning, EXAMPLES } from "./examples.jsx";
import { fetcher } from "./fetcher.js";
import { show } from "./panels.js";
import { comeBack } from "./session.js";
import { examples, language, texts } from "./told.js";

const plugins = [EXAMPLES, ACCESS, explorerPlugin(), HISTORY_PLUGIN];
const other = language === "es" ? "en" : "es";
const wide = matchMedia("(min-width: 64rem)").matches;

function Who() {
  const session = useSession();
  useEffect(() => {
    if (session.phase !== "out" || session.problem || session.lacking) show(ACCESS);
  }, [session.phase, session.problem, session.lacking]);
  return (
    <button type="button" id="who" onClick={() => show(ACCESS)}>
      {session.phase === "in" ? session.party.name : texts.login}
    </button>
  );
}

comeBack();
createRoot(document.getElementById("console")).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    visiblePlugin={wide ? EXAMPLES : undefined}
    defaultQuery={examples[0].query}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
    schemaDescription
  >
    <GraphiQL.Logo>
      <nav className="vinculo-top" aria-label="Vínculo">
        <a href="/">Vínculo</a>
        <a href={`/graphql?lang=${other}`} hrefLang={other} lang={other}>
          {texts.language}
        </a>
        <Who />
        <Beginning />
      </nav>
    </GraphiQL.Logo>
  </GraphiQL>,
);
