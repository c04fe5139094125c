/** Apollo's gateway as its documentation starts it, in a process of its own: no limits, no check of who asks. */
import { readFileSync } from 'node:fs'
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { PRINCIPAL_HEADER } from '../../kernel/principal.ts'

interface Context {
  principal: string | undefined
}

const [file = '', port = ''] = process.argv.slice(2)

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(file, 'utf8'),
  buildService: ({ url }) =>
    new RemoteGraphQLDataSource<Context>({
      ...(url ? { url } : {}),
      willSendRequest: ({ request, context }) => {
        if (context.principal) request.http?.headers.set(PRINCIPAL_HEADER, context.principal)
      },
    }),
})
const { url } = await startStandaloneServer(
  new ApolloServer<Context>({ gateway, stopOnTerminationSignals: false }),
  {
    listen: { port: Number(port), host: '127.0.0.1' },
    context: async ({ req }) => ({ principal: req.headers[PRINCIPAL_HEADER] as string | undefined }),
  },
)
process.once('disconnect', () => process.exit(0))
process.send?.(url)
