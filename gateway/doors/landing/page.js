/** The page at `/`. Speaks to the hub as any client does; everything shown is set as text, never as HTML. */
import { openSession } from './session.js'

const $ = (id) => document.getElementById(id)
const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (className) element.className = className
  return element
}

let headers = {}
const RETRY_MS = 2_000

const standing = (up, takesChanges) => {
  if (!up) return ['○ does not answer', 'down']
  return takesChanges ? ['● answers', 'up'] : ['◐ answers, takes no changes', 'down']
}

const showParts = async () => {
  try {
    const { parts } = await (await fetch('/readyz')).json()
    const items = [{ name: 'gateway', up: true, takesChanges: true }, ...parts].map(
      ({ name, up, takesChanges }) => {
        const item = make('li')
        item.append(make('strong', name), make('span', ...standing(up, takesChanges)))
        return item
      },
    )
    $('parts').replaceChildren(...items)
  } catch {
    $('parts').replaceChildren(make('li', 'The gateway does not answer.', 'down'))
  }
  setTimeout(showParts, RETRY_MS)
}

const ask = async (query, variables) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

const runs = new Map()
const number = new Intl.NumberFormat()
const showRun = (run) => {
  let box = runs.get(run.id)
  if (!box) {
    box = make('div', undefined, 'run')
    if (runs.size === 0) $('runs').replaceChildren()
    runs.set(run.id, box)
    $('runs').prepend(box)
  }
  const bar = make('progress')
  bar.setAttribute('aria-label', `Sync with ${run.system}`)
  if (run.total) {
    bar.max = run.total
    bar.value = run.done
  } else if (run.finishedAt) {
    bar.max = bar.value = 1
  }
  const of = run.total ? ` of ${number.format(run.total)}` : ''
  const more = run.finishedAt ? '' : ` · ${number.format(Math.round(run.rate))} per second`
  const words = `${run.mode.toLowerCase()} · ${run.state.toLowerCase()} · ${number.format(run.done)}${of} records${more}`
  box.replaceChildren(make('strong', run.system), bar, make('p', words, 'quiet'))
  if (run.failed > 0) box.append(make('p', `${number.format(run.failed)} could not be taken over.`, 'down'))
  if (run.error) box.append(make('p', run.error, 'down'))
}

/** Follows the sync runs; after a break it goes on behind the last event seen. */
const follow = (query, after) => {
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  const send = (message) => socket.send(JSON.stringify(message))
  let cursor = after
  socket.onopen = () => send({ type: 'connection_init', payload: { authorization: headers.authorization } })
  socket.onmessage = ({ data }) => {
    const { type, payload } = JSON.parse(data)
    if (type === 'connection_ack')
      send({ id: '1', type: 'subscribe', payload: { query, variables: { after: cursor } } })
    if (type === 'ping') send({ type: 'pong' })
    if (type === 'error') cursor = undefined // Too old: what is missed is seen in the list of runs.
    if (type === 'error' || type === 'complete') socket.close()
    if (type !== 'next') return
    cursor = payload.extensions?.cursor ?? cursor
    if (payload.data?.syncEvents) showRun(payload.data.syncEvents)
  }
  socket.onclose = async ({ code }) => {
    // A session and the demo's token end; the page may stay longer.
    if ((code === 4291 || code === 4401) && !(await signIn())) return
    setTimeout(() => follow(query, cursor), RETRY_MS)
  }
}

/** @returns whether the page may ask */
const signIn = async () => {
  const found = await openSession($('who')).catch(() => undefined)
  if (found) headers = found
  $('signin').hidden = found !== undefined || $('who').hasChildNodes()
  return found !== undefined
}

const start = async () => {
  const operations = await (await fetch('/landing/operations.json')).json()
  $('query').value = operations.UnifiedCustomers
  const live = async () => {
    const { data } = await ask(operations.SyncRuns, { first: 3 })
    for (const run of data?.syncRuns?.nodes?.toReversed() ?? []) showRun(run)
    follow(operations.SyncEvents)
  }
  if (await signIn()) await live()
  else
    $('token').addEventListener('change', ({ target }) => {
      const isFirst = headers.authorization === undefined
      const token = target.value.trim()
      headers = token ? { authorization: `Bearer ${token}` } : {}
      if (isFirst && token) live()
    })
}

$('run').addEventListener('click', async () => {
  const began = performance.now()
  $('run').disabled = true
  $('took').textContent = 'Asking…'
  try {
    const answer = await ask($('query').value, {})
    $('result').value = JSON.stringify(answer, null, 2)
    $('took').textContent = `Answered in ${Math.round(performance.now() - began)} ms.`
  } catch {
    $('took').textContent = 'The hub does not answer. Try again in a moment.'
  } finally {
    $('run').disabled = false
  }
})

showParts()
start()
