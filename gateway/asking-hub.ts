import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal } from '#kernel/principal.ts'

/** Where hub is, and by what it knows that the gateway asks. */
export interface HubPlace {
  hubUrl: string
  seal: PrincipalSeal
}

const ANSWER_WITHIN_MS = 5_000
const GATEWAY: Principal = { kind: 'system', id: 'system:gateway', orgId: null, scopes: ['*'] }

/**
 * Asks hub for what it keeps for all gateways. Whoever reads no body of the answer cancels it.
 * @param path begins with a stroke
 * @param as on whose behalf; default: the gateway's own
 * @throws when hub does not answer within 5 seconds
 */
export const askHub = async (
  { hubUrl, seal }: HubPlace,
  path: string,
  body: unknown,
  as: Principal = GATEWAY,
): Promise<Response> =>
  fetch(`${hubUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(as) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
