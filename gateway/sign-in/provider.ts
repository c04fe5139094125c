/** The identity provider, as browsers sign in there: authorization code with PKCE, state and nonce. */
import * as client from 'openid-client'
import { z } from 'zod'
import { Unavailable } from '#kernel/errors.ts'
import { SignInRefused } from '../errors.ts'
import type { Begun } from './begun.ts'

export interface ProviderOptions {
  issuer: string
  clientId: string
  clientSecret: string
}

/** Somebody who has signed in there. */
export interface Person {
  id: string
  name: string
  /** An address that the provider has confirmed. */
  email?: string
  /** An organisation with roles, where the provider names them as in tokens. */
  vouched?: { org: string; roles: string[] }
}

export interface Provider {
  /**
   * Begins a sign-in.
   * @param isAnew asks who somebody is although the provider knows it still: they may want to be somebody else
   * @throws HUB_UNAVAILABLE when the provider does not answer
   */
  begin(
    redirectUri: string,
    isAnew?: boolean,
  ): Promise<{ url: URL; begun: Pick<Begun, 'state' | 'nonce' | 'verifier'> }>
  /** Takes the answer that the browser has brought. @throws SIGN_IN_REFUSED for every answer that is not wholly right */
  finish(answer: URL, begun: Begun): Promise<Person>
  /** Where one signs out there too; undefined where the provider has no such place. */
  signOutUrl(backTo: string): Promise<URL | undefined>
}

const SCOPE = 'openid profile email'

const claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  preferred_username: z.string().max(200).optional(),
  email: z.string().max(254).optional(),
  // Some providers write it as a text.
  email_verified: z.union([z.boolean(), z.literal('true'), z.literal('false')]).optional(),
  org: z.string().min(1).max(100).optional(),
  roles: z.array(z.string().max(50)).max(20).optional(),
})

/** Opens the provider. It is asked for its addresses when somebody signs in for the first time. */
export const openProvider = ({ issuer, clientId, clientSecret }: ProviderOptions): Provider => {
  let found: Promise<client.Configuration> | undefined
  const configuration = async (): Promise<client.Configuration> => {
    const isOpen = new URL(issuer).protocol === 'http:'
    found ??= client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      // An issuer without TLS is one that somebody has configured so, on their own machine.
      execute: isOpen ? [client.allowInsecureRequests] : [],
      timeout: 10,
    })
    try {
      return await found
    } catch (cause) {
      found = undefined
      throw Unavailable.with({ what: 'The identity provider' }, { cause })
    }
  }
  return {
    begin: async (redirectUri, isAnew = false) => {
      const config = await configuration()
      const begun = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
        ...(isAnew ? { prompt: 'login' } : {}),
      })
      return { url, begun }
    },
    finish: async (answer, { state, nonce, verifier }) => {
      const config = await configuration()
      try {
        const tokens = await client.authorizationCodeGrant(config, answer, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const told = tokens.claims() as client.IDToken
        // Many tell more of a person than their id only when they are asked.
        const more = config.serverMetadata().userinfo_endpoint
          ? await client.fetchUserInfo(config, tokens.access_token, told.sub)
          : {}
        return personOf(claims.parse({ ...more, ...told }))
      } catch (cause) {
        throw SignInRefused.with({}, { cause })
      }
    },
    signOutUrl: async (backTo) => {
      const config = await configuration()
      if (!config.serverMetadata().end_session_endpoint) return undefined
      return client.buildEndSessionUrl(config, { post_logout_redirect_uri: backTo })
    },
  }
}

const personOf = (told: z.infer<typeof claims>): Person => {
  const { sub, name, preferred_username: short, email, email_verified: isConfirmed, org, roles } = told
  return {
    id: sub,
    name: name || short || sub,
    ...(email !== undefined && String(isConfirmed) === 'true'
      ? { email: email.normalize('NFKC').trim().toLowerCase() }
      : {}),
    ...(org !== undefined && roles !== undefined ? { vouched: { org, roles } } : {}),
  }
}
