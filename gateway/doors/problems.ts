import type { FastifyInstance } from 'fastify'
import { NotFound } from '#kernel/errors.ts'
import type { ProblemKind } from '#operations/problems.ts'
import { weight } from '../rest/negotiation.ts'
import { problemKinds } from '../rest/problems.ts'

const POLICY =
  "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** `/problems` and what is below it: what `type` of a problem leads to. JSON, or a page for browsers. Open to everybody. */
export const problemsDoor = (app: FastifyInstance): void => {
  const kinds = new Map(problemKinds.map((kind) => [kind.type, kind]))
  const page = pageOf(problemKinds)
  app.get('/problems', async (request, reply) =>
    wantsPage(request.headers.accept)
      ? reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page)
      : { problems: problemKinds },
  )
  app.get('/problems/:name', async (request, reply) => {
    const kind = kinds.get(`/problems/${(request.params as { name: string }).name}`)
    if (!kind) throw NotFound.with({ what: 'This kind of problem' })
    return wantsPage(request.headers.accept)
      ? reply
          .type('text/html; charset=utf-8')
          .header('content-security-policy', POLICY)
          .send(pageOf([kind]))
      : kind
  })
}

const wantsPage = (accept = ''): boolean => weight(accept, 'text/html') > weight(accept, 'application/json')

const RETRY: Readonly<Record<ProblemKind['retry'], string>> = {
  now: 'Send the same again.',
  later: 'Send the same again later.',
  never: 'Sending the same again changes nothing.',
}

const pageOf = (kinds: readonly ProblemKind[]): string => {
  const entries = kinds.map(({ type, title, status, code, retry, says }) => {
    const term = `<dt><a href="${type}">${escaped(title)}</a> ${status}${code === null ? '' : ` <code>${code}</code>`}</dt>`
    return `${term}<dd>${escaped(says)} ${RETRY[retry]}</dd>`
  })
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems</title>',
    '<link rel="stylesheet" href="/landing/page.css"><main><h1>Problems</h1>',
    `<dl>${entries.join('')}</dl></main></html>`,
  ].join('')
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
