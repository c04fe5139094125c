import { migrate } from '#db/migrate.ts'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'

// A process of its own that migrates: `node migrate-now.ts '<what trial().migration says, as JSON>'`.
const options = JSON.parse(process.argv[2] ?? '{}')
await migrate({ ...options, subgraph: 'customers', log: openLog('migrate', 'info'), clock: systemClock })
