/** `npm run -s token -- --role admin --org demo`: prints a token of the local issuer, and nothing else. */
import { parseArgs } from 'node:util'
import { systemClock } from '#kernel/clock.ts'
import { loadEnvironmentFile, readGatewayConfig } from '../config.ts'
import { openIssuer } from './issuer.ts'

const ROLES = ['admin', 'operator', 'agent', 'partner', 'readonly']

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      role: { type: 'string', default: 'admin' },
      org: { type: 'string', default: 'demo' },
      name: { type: 'string' },
      seconds: { type: 'string' },
    },
  })
  if (!ROLES.includes(values.role)) {
    process.stderr.write(`There is no role ${values.role}. Use one of ${ROLES.join(', ')}.\n`)
    process.exit(1)
  }
  loadEnvironmentFile()
  const issuer = await openIssuer({ home: readGatewayConfig().home, clock: systemClock })
  const token = await issuer.issue({
    role: values.role,
    org: values.org,
    ...(values.name ? { name: values.name } : {}),
    ...(values.seconds ? { seconds: Number(values.seconds) } : {}),
  })
  process.stdout.write(`${token}\n`)
}
