/**
 * `/.well-known/oauth-protected-resource`: where programs that were refused learn who signs people in here, as RFC 9728 has it.
 * Clients of the Model Context Protocol look for it before they ask a person to sign in.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SCOPES } from '#schema/roles.ts'
import type { IdentityOptions } from '../identity/index.ts'
import { type Edge, originOf } from '../identity/origin.ts'

const PATH = '/.well-known/oauth-protected-resource'
/** What is protected, by its path. */
const RESOURCES = ['', '/mcp'] as const

const addressOf = (request: FastifyRequest, edge: Edge): string =>
  originOf(request.headers, edge).replace(/\/$/, '')

/** Where it is said who may be asked for tokens that `/mcp` takes. */
export const metadataUrl = (request: FastifyRequest, edge: Edge): string =>
  `${addressOf(request, edge)}${PATH}/mcp`

/** Opens the door, for everybody. The local issuer of the demo is none that programs can ask, so it is not named. */
export const protectedResourceDoor = (
  app: FastifyInstance,
  { identity, edge }: { identity: IdentityOptions; edge: Edge },
): void => {
  for (const resource of RESOURCES)
    app.get(PATH + resource, async (request, reply) => {
      const address = addressOf(request, edge)
      // Where no address is configured it names the one that was asked, which nobody else is to be given.
      return reply.header('cache-control', 'no-store').send({
        resource: `${address}${resource || '/'}`,
        resource_name: 'Tributary',
        resource_documentation: `${address}/docs`,
        ...(identity.demo ? {} : { authorization_servers: [identity.issuer] }),
        bearer_methods_supported: ['header'],
        scopes_supported: SCOPES,
      })
    })
}
