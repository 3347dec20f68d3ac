// GraphiQL with a sign-in bar above it.

import "./workers.js";
// GraphiQL would fetch Monaco later by itself, but esbuild leaves out the styles of what is fetched later.
import "monaco-graphql/esm/monaco-editor.js";
import "graphiql/style.css";
import "./page.css";

import { GraphiQL } from "graphiql";
import { useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";

import { ask } from "./api.js";
import { Bar } from "./bar.jsx";
import { memory } from "./memory.js";
import * as session from "./session.js";

const FIRST_DOCUMENT = `# Who this client is, and what it may see.
# Ctrl-Enter runs it, Ctrl-Space completes it.
query Viewer {
  viewer {
    tenant { name }
    client { name }
    roles
    customers { code name }
    warehouses { code name }
  }
}
`;

function Page() {
  const { signedIn, visit } = useSyncExternalStore(session.subscribe, session.current);
  return (
    <>
      <Bar />
      <Editor key={visit} signedIn={signedIn} />
    </>
  );
}

/** Lives as long as a visit: signing out takes questions and answers with it, an expired token does not. */
function Editor({ signedIn }) {
  const [storage] = useState(memory);
  return (
    <main>
      <GraphiQL
        fetcher={ask}
        // null: ask for no schema. A stranger would only be refused.
        schema={signedIn ? undefined : null}
        storage={storage}
        defaultQuery={FIRST_DOCUMENT}
        isHeadersEditorEnabled={false}
        shouldPersistHeaders={false}
        inputValueDeprecation
        schemaDescription
      >
        <GraphiQL.Logo>GraphiQL</GraphiQL.Logo>
      </GraphiQL>
    </main>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
