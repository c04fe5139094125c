/** Starts GraphiQL against this hub, as whoever is signed in. The headers editor takes a token in their place. */
import { openSession } from './session.js'

const start = async () => {
  const session = await openSession(document.getElementById('who')).catch(() => undefined)
  const operations = await (await fetch('/landing/operations.json')).json()
  const headersOf = (options) => ({ ...session, ...options?.headers })
  ReactDOM.createRoot(document.getElementById('graphiql')).render(
    React.createElement(GraphiQL, {
      fetcher: (params, options) =>
        isSubscription(params, options?.documentAST)
          ? subscription(params, headersOf(options).authorization)
          : ask(params, headersOf(options)),
      defaultQuery: operations.UnifiedCustomers,
      defaultHeaders: JSON.stringify(session ?? { authorization: 'Bearer …' }, null, 2),
      shouldPersistHeaders: false,
    }),
  )
}

const ask = async (params, headers) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  })
  return response.json()
}

const isSubscription = ({ operationName }, document) =>
  (document?.definitions ?? []).some(
    (d) => d.operation === 'subscription' && (!operationName || d.name?.value === operationName),
  )

/** One subscription over graphql-transport-ws, as the async iterable GraphiQL takes. */
const subscription = (payload, authorization) => {
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const send = (message) => socket.send(JSON.stringify(message))
  const waiting = []
  let wake = () => undefined
  let isOver = false
  const push = (result) => {
    waiting.push(result)
    wake()
  }
  socket.onopen = () => send({ type: 'connection_init', payload: { authorization } })
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload })
    if (message.type === 'ping') send({ type: 'pong' })
    if (message.type === 'next') push(message.payload)
    if (message.type === 'error') push({ errors: message.payload })
    if (message.type === 'error' || message.type === 'complete') socket.close()
  }
  socket.onclose = ({ reason }) => {
    isOver = true
    if (reason) waiting.push({ errors: [{ message: reason }] })
    wake()
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      while (waiting.length === 0 && !isOver)
        await new Promise((resolve) => {
          wake = resolve
        })
      return waiting.length > 0 ? { done: false, value: waiting.shift() } : { done: true, value: undefined }
    },
    async return() {
      socket.close()
      return { done: true, value: undefined }
    },
  }
}

start()
