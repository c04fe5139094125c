/**
 * Who may import whom: the floors and rooms of docs/decisions/0001-the-house.md as code.
 * Each row is a place and the places it may open beside itself; whatever of ours is not listed is forbidden.
 * test/architecture/map.test.ts plants a violation of every row. Sources are parsed by swc: without it the cruiser
 * finds no module in TypeScript 7 and passes on nothing, so the check also demands a number of modules.
 */
import swc from '@swc/core/Visitor.js'

// The cruiser walks with swc's own visitor, which knows no `using` and stops at the first: teach it.
const { visitStatement } = swc.Visitor.prototype
swc.Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  this.visitVariableDeclarators(statement.decls)
  return statement
}

const ours =
  '^(kernel|telemetry|db|connectors|events|sync|service|control|schema|chat|operations|gateway|subgraphs|console|test|bench)/|^[^/]+\\.m?ts$'

/** name, from where, what it may open, what to do instead */
const floors = [
  [
    'kernel',
    '^kernel/',
    ['^kernel/', '^schema/generated/personal\\.json$'],
    'The kernel leans on nothing of ours but the list of what is personal: move what it needs down, or pass it in.',
  ],
  [
    'telemetry',
    '^telemetry/',
    ['^telemetry/', '^kernel/'],
    'How the hub is seen from outside knows only the kernel: whoever is to be seen tells it.',
  ],
  [
    'db',
    '^db/',
    ['^db/', '^telemetry/', '^kernel/'],
    'The database floor knows only the kernel, and tells how it is seen.',
  ],
  [
    'connectors',
    '^connectors/',
    ['^connectors/', '^telemetry/', '^kernel/'],
    'A connector speaks the vendor’s language and knows only the kernel; meaning lives in subgraphs/<name>/sync.',
  ],
  [
    'events',
    '^events/',
    ['^events/', '^db/', '^telemetry/', '^kernel/'],
    'The event floor carries any payload: names and shapes live in schema/events.ts, their use in the subgraphs.',
  ],
  [
    'sync',
    '^sync/',
    ['^sync/', '^events/', '^db/', '^telemetry/', '^kernel/'],
    'The sync engine has no vendor and no domain noun: take what it needs as a parameter.',
  ],
  [
    'service',
    '^service/',
    ['^service/', '^telemetry/', '^events/', '^db/', '^kernel/', '^schema/generated/'],
    'How a subgraph is served knows no subgraph: take what it needs as a parameter.',
  ],
  [
    'control',
    '^control/',
    ['^control/', '^sync/', '^service/', '^events/', '^db/', '^kernel/'],
    'What people tell the engine has no vendor and no domain noun: take what it needs as a parameter.',
  ],
  [
    'schema',
    '^schema/(?!generated/)',
    ['^schema/', '^kernel/'],
    'The promise depends on nobody who keeps it.',
  ],
  [
    'chat',
    '^chat/',
    ['^chat/', '^kernel/'],
    'What a sentence means is found out from what is handed in: no graph, no table, no operation of its own.',
  ],
  [
    'operations',
    '^operations/',
    ['^operations/', '^schema/', '^chat/', '^kernel/'],
    'An operation knows the graph, not who answers it.',
  ],
  [
    'gateway',
    '^gateway/',
    [
      '^gateway/',
      '^telemetry/',
      '^kernel/',
      '^events/',
      '^schema/',
      '^chat/',
      '^operations/',
      '^service/closing\\.ts$',
    ],
    'The gateway asks the graph: no subgraph, no database, no connector.',
  ],
  [
    'console',
    '^console/',
    ['^console/', '^operations/generated/'],
    'The console knows only operations/generated.',
  ],
  [
    'bench',
    '^bench/',
    [
      '^bench/',
      '^main\\.ts$',
      '^kernel/',
      '^connectors/',
      '^schema/',
      '^chat/',
      '^operations/',
      '^subgraphs/inventory/domain/',
      '^subgraphs/insights/domain/',
      '^subgraphs/customers/domain/matching/',
    ],
    'A benchmark measures the hub from outside: start it through main.ts. Formulas of advice, insights and matching are the exception: docs/decisions/0021.',
  ],
]

/** A subgraph as a whole; the rooms below narrow it. `$1` is the subgraph's own name. */
const beside = [
  '^kernel/',
  '^db/',
  '^events/',
  '^sync/',
  '^service/',
  '^control/',
  '^schema/',
  '^connectors/',
  '^chat/',
  '^operations/interpreter\\.ts$',
]

/** room, what it may open of its own subgraph, what it may open of the floors */
const rooms = [
  [
    'resolvers',
    ['commands', 'domain', 'store', 'context.ts'],
    ['^control/', '^service/', '^schema/events\\.ts$', '^schema/generated/$1'],
    'A resolver translates and goes home: put the rule in domain/, the query in store/, the deed in commands/.',
  ],
  [
    'routes',
    ['commands', 'sync', 'context.ts'],
    ['^service/', '^events/'],
    'A route verifies, hands on and answers: the work belongs in commands/ or sync/.',
  ],
  [
    'commands',
    ['domain', 'store', 'jobs/definitions.ts', 'context.ts'],
    [
      '^control/',
      '^events/',
      '^service/',
      '^sync/',
      '^schema/(events|person-marks|phone-number|roles)\\.ts$',
      '^schema/generated/$1',
      '^chat/',
      '^operations/interpreter\\.ts$',
    ],
    'A command loads, asks the domain, writes, tells: queries belong in store/, tasks are enqueued by their definition.',
  ],
  [
    'domain',
    [],
    ['^schema/(events|lead-thresholds|roles).ts$', '^chat/contract.ts$'],
    'The domain is pure: pass in what it needs to know, time and chance included.',
  ],
  [
    'store',
    ['domain'],
    [
      '^db/',
      '^sync/',
      '^control/(policy-versions|rows)\\.ts$',
      '^schema/roles\\.ts$',
      '^service/(loader|connection|noticing)\\.ts$',
    ],
    'The store is queries and loaders; what they mean is in domain/, what is told to others in commands/.',
  ],
  [
    'sync',
    ['store', 'domain', 'context.ts'],
    ['^sync/', '^events/', '^connectors/[^/]+/index\\.ts$', '^schema/(events|phone-number)\\.ts$'],
    'Meaning between the vendor’s record and ours: open connectors by their index.',
  ],
  [
    'jobs',
    ['sync', 'commands', 'store', 'domain', 'context.ts'],
    ['^service/', '^events/', '^sync/', '^schema/events\\.ts$'],
    'A task calls a command or the sync room and holds no rules of its own.',
  ],
]

const law = ({ name, from, may, comment, type }) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '^[^/]+\\.config\\.ts$' },
  to: { path: ours, pathNot: may, ...type },
})

const room = ([name, own, may, comment]) =>
  law({
    name: `room ${name}`,
    from: `^subgraphs/([^/]+)/${name}/`,
    may: [name, ...own]
      .map((place) => `^subgraphs/$1/${place}${place.includes('.') ? '$' : '/'}`.replace('.ts', '\\.ts'))
      .concat('^kernel/', may),
    comment,
  })

export default {
  forbidden: [
    ...floors.map(([name, from, may, comment]) => law({ name: `floor ${name}`, from, may, comment })),
    ...rooms.map(room),
    law({
      name: 'subgraph',
      from: '^subgraphs/([^/]+)/',
      may: ['^subgraphs/$1/', ...beside],
      comment: 'A subgraph never opens a sibling: follow its event log, or let the graph join.',
    }),
    {
      name: 'types of the promise',
      severity: 'error',
      comment:
        'Generated resolver types may name the types of the subgraph they are for, and nothing that runs.',
      from: { path: '^schema/generated/([^/.]+)' },
      to: {
        path: ours,
        pathNot: [
          ...['^schema/', '^kernel/', '^control/rows\\.ts$'],
          '^subgraphs/$1/(context\\.ts$|domain/|store/)',
        ],
      },
    },
    {
      name: 'promises do not run',
      severity: 'error',
      comment: 'Generated resolver types import types only.',
      from: { path: '^schema/generated/' },
      to: { path: '^subgraphs/', dependencyTypesNot: ['type-only', 'type-import'] },
    },
    {
      name: 'context is a type',
      severity: 'error',
      comment: 'A room takes the context as an argument: `import type { Context } from "../context.ts"`.',
      from: { path: '^subgraphs/[^/]+/[^/]+/' },
      to: { path: '^subgraphs/[^/]+/context\\.ts$', dependencyTypesNot: ['type-only', 'type-import'] },
    },
    {
      name: 'pure domain',
      severity: 'error',
      comment: 'The domain reads no file, no network and no table.',
      from: { path: '^subgraphs/[^/]+/domain/' },
      to: {
        path: '(^(node:)?(fs|tls|http|https|http2|dns|child_process|worker_threads|timers)(/|$))|node_modules/(kysely|pg|pg-boss|fastify|graphql|graphql-ws|ws|dataloader|@hubspot)/',
      },
    },
    {
      name: 'one vendor',
      severity: 'error',
      comment: 'One vendor’s connector does not know another’s.',
      from: { path: '^connectors/([^/]+)/' },
      to: { path: '^connectors/[^/]+/', pathNot: ['^connectors/$1/', '^connectors/(demo|simulator)/'] },
    },
    {
      name: 'simulators',
      severity: 'error',
      comment: 'Only main.ts and the tests start a simulator: product code speaks HTTP and cannot tell.',
      from: { pathNot: ['^connectors/simulator/', '^connectors/[^/]+/simulator/', '^main\\.ts$', '^test/'] },
      to: { path: ['^connectors/simulator/', '^connectors/[^/]+/simulator/'] },
    },
    {
      name: 'tests are not imported',
      severity: 'error',
      comment: 'Nothing imports test/: move what the product needs into the product.',
      from: { pathNot: ['^test/', '^[^/]+\\.config\\.ts$'] },
      to: { path: '^test/' },
    },
    {
      name: 'benchmarks are not imported',
      severity: 'error',
      comment: 'Nothing imports bench/: it installs peers that the product does not have.',
      from: { pathNot: ['^bench/', '^test/'] },
      to: { path: '^bench/' },
    },
    {
      name: 'main is not imported',
      severity: 'error',
      comment: 'main.ts wires the roles: what others need of it belongs to a floor.',
      from: { pathNot: ['^test/', '^bench/', '^main\\.ts$'] },
      to: { path: '^main\\.ts$' },
    },
    {
      name: 'no circles',
      severity: 'error',
      comment: 'Two modules that need each other are one module, or lack a third beneath them.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'type-import'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'The imported file or package does not exist.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^bench/' },
    },
    {
      name: 'declared packages',
      severity: 'error',
      comment:
        'Import only packages that package.json names; ask for it there, with the reason in the commit.',
      from: { pathNot: '^bench/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'packages of production',
      severity: 'error',
      comment: 'What runs in production may not need a development package; files that generate code may.',
      from: {
        path: '^(kernel|db|connectors|events|sync|service|control|schema|chat|operations|gateway|subgraphs)/|^main\\.ts$',
        pathNot: '^(db/generate|schema/compose|operations/build|connectors/c3/generate)\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'type-import'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^([.]tributary|console/dist|bench/node_modules)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
