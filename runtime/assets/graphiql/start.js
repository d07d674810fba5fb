// Starts GraphiQL on this server's endpoint. A token goes into the header editor:
// { "authorization": "Bearer …" }
"use strict";

const ENDPOINT = "/graphql";
const PROTOCOL = "graphql-transport-ws";

async function overHttp(params, headers) {
  const response = await fetch(ENDPOINT, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(params),
  });
  return response.json();
}

// One socket a subscription: an async iterator that GraphiQL reads and ends.
function overSocket(params, headers) {
  const address = new URL(ENDPOINT, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, PROTOCOL);
  const send = (message) => socket.send(JSON.stringify(message));
  const arrived = [];
  const waiting = [];
  let ended = false;

  const deliver = (result) => {
    const next = waiting.shift();
    if (next) next(result);
    else arrived.push(result);
  };
  const end = () => {
    if (ended) return;
    ended = true;
    deliver({ value: undefined, done: true });
    socket.close();
  };

  socket.onopen = () => send({ type: "connection_init", payload: headers });
  socket.onclose = (event) => {
    if (!ended && event.reason) deliver({ value: { errors: [{ message: event.reason }] }, done: false });
    end();
  };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: params });
    else if (message.type === "ping") send({ type: "pong" });
    else if (message.type === "next") deliver({ value: message.payload, done: false });
    else if (message.type === "error") { deliver({ value: { errors: message.payload }, done: false }); end(); }
    else if (message.type === "complete") end();
  };

  return {
    [Symbol.asyncIterator]() { return this; },
    next() {
      if (arrived.length > 0) return Promise.resolve(arrived.shift());
      if (ended) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve) => waiting.push(resolve));
    },
    return() {
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

function isSubscription(params, options) {
  const definitions = options?.documentAST?.definitions ?? [];
  const operations = definitions.filter((definition) => definition.kind === "OperationDefinition");
  const chosen = operations.find((operation) => operation.name?.value === params.operationName) ?? operations[0];
  return chosen?.operation === "subscription";
}

function fetcher(params, options) {
  // The header as the editor offers it, with no token yet, means a caller without one.
  const given = Object.entries(options?.headers ?? {});
  const headers = Object.fromEntries(given.filter(([, value]) => !/^(bearer)?\s*$/i.test(value)));
  return isSubscription(params, options) ? overSocket(params, headers) : overHttp(params, headers);
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultHeaders: '{\n  "authorization": "Bearer "\n}',
  }),
);
