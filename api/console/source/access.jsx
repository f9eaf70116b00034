// Signing in, what was allowed, and signing out.
import { useState, useSyncExternalStore } from "react";
import { current, isHere, signIn, signOut, subscribe } from "./session.js";
import { language, login, texts } from "./told.js";

export const useSession = () => useSyncExternalStore(subscribe, current);

function Access() {
  const session = useSession();
  return (
    <section className="vinculo-panel" aria-label={texts.session}>
      {session.phase === "in" ? <Inside {...session} /> : <Outside {...session} />}
    </section>
  );
}

function Lacking({ lacking }) {
  const sentences = login.scopes.filter(({ name }) => lacking.includes(name));
  return (
    <div role="alert">
      <p>{texts.missing_scope}</p>
      <ul>
        {sentences.map(({ name, sentence }) => (
          <li key={name}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

function Outside({ phase, problem, lacking = [] }) {
  return (
    <>
      <h2>{texts.session}</h2>
      {login && lacking.length > 0 && <Lacking lacking={lacking} />}
      {problem && <p role="alert">{problem}</p>}
      {!login && <p>{texts.closed}</p>}
      {login && !isHere && (
        <p>
          {texts.elsewhere} <a href={`${login.issuer}/graphql`}>{login.issuer}</a>
        </p>
      )}
      {login && isHere && <Choice key={lacking} busy={phase === "coming"} first={lacking} />}
    </>
  );
}

function Choice({ busy, first }) {
  const [chosen, choose] = useState(["restricted:read", ...first]);
  const turn = (name) => (on) =>
    choose(on ? [...chosen, name] : chosen.filter((each) => each !== name));
  return (
    <form action={() => signIn(chosen)}>
      <p>{texts.session_lead}</p>
      <fieldset>
        <legend>{texts.scopes}</legend>
        <p className="vinculo-all">
          <button type="button" onClick={() => choose(login.scopes.map(({ name }) => name))}>
            {texts.all}
          </button>
          <button type="button" onClick={() => choose([])}>
            {texts.none}
          </button>
        </p>
        {login.scopes.map(({ name, sentence }) => (
          <label key={name}>
            <input
              type="checkbox"
              name={name}
              checked={chosen.includes(name)}
              onChange={(event) => turn(name)(event.target.checked)}
            />
            <span>
              {sentence} <code>{name}</code>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="vinculo-bar">
        <button className="vinculo-main" id="sign-in" disabled={busy}>
          {texts.login}
        </button>
      </div>
    </form>
  );
}

function Inside({ party, user, scopes, ends, lacking }) {
  const time = new Date(ends).toLocaleTimeString(language, { timeStyle: "short" });
  const sentences = login.scopes.filter(({ name }) => scopes.includes(name));
  return (
    <>
      <h2>{party.name}</h2>
      {lacking && (
        <>
          <Lacking lacking={lacking} />
          <button type="button" onClick={() => signIn([...scopes, ...lacking])}>
            {texts.login}
          </button>
        </>
      )}
      <p>
        {texts.user} {user.name}.
      </p>
      <h3>{texts.may}</h3>
      <ul>
        {sentences.map(({ name, sentence }) => (
          <li key={name}>
            {sentence} <code>{name}</code>
          </li>
        ))}
        {sentences.length === 0 && <li>{texts.may_nothing}</li>}
      </ul>
      <p>
        {texts.until} <time dateTime={new Date(ends).toISOString()}>{time}</time>.{" "}
        {texts.until_lead}
      </p>
      <button className="vinculo-main" id="sign-out" type="button" onClick={signOut}>
        {texts.logout}
      </button>
    </>
  );
}

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <circle cx="12" cy="8" r="4" />
    <path d="M4 21c0-4.4 3.6-7 8-7s8 2.6 8 7" />
  </svg>
);

export const ACCESS = { title: texts.session, icon: Icon, content: Access };
