/** Pages that only say something: no script, and nothing from elsewhere. */
import type { FastifyReply } from 'fastify'
import { weight } from '../rest/negotiation.ts'

const POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Whether whoever asks would rather see a page than JSON. */
export const wantsPage = (accept = ''): boolean =>
  weight(accept, 'text/html') > weight(accept, 'application/json')

/** @param main HTML; texts in it are `escaped` */
export const sendPage = (
  reply: FastifyReply,
  { title, main }: { title: string; main: string },
): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .send(
      [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        `<title>${escaped(title)} · Tributary</title><link rel="icon" href="data:,">`,
        `<link rel="stylesheet" href="/landing/page.css"></head><body><main><h1>${escaped(title)}</h1>`,
        `${main}</main></body></html>`,
      ].join(''),
    )

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
