import type { FastifyInstance } from 'fastify'
import { NotFound } from '#kernel/errors.ts'
import type { ProblemKind } from '#operations/problems.ts'
import { problemKinds } from '../rest/problems.ts'
import { escaped, sendPage, wantsPage } from './plain-page.ts'

/** `/problems` and what is below it: what `type` of a problem leads to. JSON, or a page for browsers. Open to everybody. */
export const problemsDoor = (app: FastifyInstance): void => {
  const kinds = new Map(problemKinds.map((kind) => [kind.type, kind]))
  const main = listOf(problemKinds)
  app.get('/problems', async (request, reply) =>
    wantsPage(request.headers.accept) ? sendPage(reply, { title: TITLE, main }) : { problems: problemKinds },
  )
  app.get('/problems/:name', async (request, reply) => {
    const kind = kinds.get(`/problems/${(request.params as { name: string }).name}`)
    if (!kind) throw NotFound.with({ what: 'This kind of problem' })
    return wantsPage(request.headers.accept) ? sendPage(reply, { title: TITLE, main: listOf([kind]) }) : kind
  })
}

const TITLE = 'Problems'
const RETRY: Readonly<Record<ProblemKind['retry'], string>> = {
  now: 'Send the same again.',
  later: 'Send the same again later.',
  never: 'Sending the same again changes nothing.',
}

const listOf = (kinds: readonly ProblemKind[]): string => {
  const entries = kinds.map(({ type, title, status, code, retry, says }) => {
    const term = `<dt><a href="${type}">${escaped(title)}</a> ${status}${code === null ? '' : ` <code>${code}</code>`}</dt>`
    return `${term}<dd>${escaped(says)} ${RETRY[retry]}</dd>`
  })
  return `<dl>${entries.join('')}</dl>`
}
