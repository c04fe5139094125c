/** What code may not do, each decided on the syntax tree. */
import { type Finding, type House, isGenerated, isProduct, isToolConfig, type Verdict } from '../house.ts'
import { argumentsOf, memberPath, type Place, places, textOf } from '../syntax.ts'

/** Says what is wrong with a place, or nothing. */
type Objection = (place: Place) => string | undefined

/** Parses only files in which `hint` appears at all: most rules concern few files. */
const judge = (house: House, files: readonly string[], hint: RegExp, object: Objection): Verdict => ({
  findings: files.flatMap((file): Finding[] => {
    if (!hint.test(house.text(file))) return []
    try {
      return [...places(house.text(file), { tsx: file.endsWith('.tsx') })].flatMap((place) => {
        const says = object(place)
        return says ? [{ where: `${file}:${place.line}`, says }] : []
      })
    } catch (error) {
      return [{ where: file, says: `does not parse: ${String(error).split('\n')[0]}` }]
    }
  }),
  note: `${files.length} files`,
})

const sources = (house: House): string[] =>
  house.files.filter((file) => /\.tsx?$/.test(file) && !isGenerated(file))

const isConfig = (file: string): boolean =>
  /(^|\/)config\.ts$/.test(file) || file === 'kernel/config.ts' || isToolConfig(file)

/** Only `config.ts` files read the environment; handing it on whole to a child process counts as reading it. */
export const environmentAccess = (house: House): Verdict =>
  judge(
    house,
    sources(house).filter((file) => !isConfig(file)),
    /process|\benv\b/,
    ({ node }) => {
      const reads =
        memberPath(node) === 'process.env' ||
        (node.type === 'ImportDeclaration' &&
          /^(node:)?process$/.test(textOf(node.source) ?? '') &&
          JSON.stringify(node.specifiers).includes('"value":"env"'))
      return reads
        ? 'only a config.ts reads the environment: add the variable there and take the value'
        : undefined
    },
  )

/** Only kernel/clock.ts asks the machine for the time. */
export const machineTime = (house: House): Verdict =>
  judge(
    house,
    sources(house).filter((file) => file !== 'kernel/clock.ts' && !file.startsWith('bench/')),
    /\bDate\b/,
    ({ node }) => {
      const callee = memberPath(node.callee)
      const asks =
        memberPath(node) === 'Date.now' ||
        (node.type === 'NewExpression' && callee === 'Date' && argumentsOf(node).length === 0) ||
        (node.type === 'CallExpression' && callee === 'Date')
      return asks ? 'time is an input: take a Clock, or an instant, as a parameter' : undefined
    },
  )

const machineTimeInSql =
  /\b(now|clock_timestamp|transaction_timestamp|statement_timestamp|timeofday)\s*\(|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b/i

const withoutSqlComments = (sql: string): string =>
  sql.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/--.*$/gm, '')

/** SQL takes the instant as a parameter, in migrations and in the texts of the code. */
export const sqlTime = (house: House): Verdict => {
  const says = 'SQL takes the instant as a parameter: now() and its kin answer the machine’s time'
  const files = house.files.filter((file) => file.endsWith('.sql') && !isGenerated(file))
  const findings = files.flatMap((file) =>
    withoutSqlComments(house.text(file))
      .split('\n')
      .flatMap((line, index) =>
        machineTimeInSql.test(line) ? [{ where: `${file}:${index + 1}`, says }] : [],
      ),
  )
  const inCode = judge(house, house.files.filter(isProduct), machineTimeInSql, ({ node }) => {
    const text = textOf(node)
    return text !== undefined && machineTimeInSql.test(text) ? says : undefined
  })
  return { findings: [...findings, ...inCode.findings], note: `${files.length} SQL files` }
}

const operationText =
  /^\s*(#.*\n\s*)*(query|mutation|subscription)(\s+[A-Za-z_]\w*)?\s*(\([^)]*\)\s*)?(@[^{]*)?\{/
const schemaText = /^\s*(extend\s+)?(type|interface|input|enum)\s+[A-Z]\w*[^{=;]*\{/

/** Documents lie in operations/ and schema/, where they are checked against the graph. Tests may post what they like. */
export const documents = (house: House): Verdict =>
  judge(
    house,
    house.files.filter((file) => isProduct(file) && !/^(operations|schema)\//.test(file)),
    /gql|graphql|['"`]\s*(#|query|mutation|subscription|extend|type|interface|input|enum)\b/,
    ({ node }) => {
      const tag = node.type === 'TaggedTemplateExpression' ? memberPath(node.tag) : undefined
      const text = textOf(node)
      const found =
        tag === 'gql' ||
        tag === 'graphql' ||
        (text !== undefined && (operationText.test(text) || schemaText.test(text)))
      return found ? 'documents are named files in operations/, SDL is in schema/' : undefined
    },
  )

const hasComment = (source: string): boolean => /\/\/|\/\*/.test(source)

/** Errors are handled or explained, and nothing of ours is replaced behind its back. */
export const honesty = (house: House): Verdict =>
  judge(house, sources(house), /catch|vi\.|\.only|import\(/, ({ node, source }) => {
    const body = node.body as { stmts?: unknown[] } | undefined
    if (node.type === 'CatchClause' && body?.stmts?.length === 0 && !hasComment(source)) {
      return 'an empty catch hides a fault: handle it, or say in a comment why it may be ignored'
    }
    if (node.type === 'TsImportType') {
      return 'import the type at the top by name: the check of import directions does not see it here'
    }
    if (node.type !== 'CallExpression') return undefined
    const callee = memberPath(node.callee)
    if (callee === 'vi.mock' || callee === 'vi.doMock') {
      return 'no module mocks: fake only what we own (clock, ids, vendor simulators)'
    }
    if (callee?.match(/(^|\.)(it|test|describe)\.only$/)) return 'a focused test leaves the others out'
    const [handler] = argumentsOf(node) as { type: string; body?: { type: string; stmts?: unknown[] } }[]
    const property = (node.callee as { property?: { value?: string } }).property?.value
    const swallows = handler?.type === 'ArrowFunctionExpression' && handler.body?.stmts?.length === 0
    if (property === 'catch' && swallows && !hasComment(source)) {
      return 'an empty catch hides a fault: handle it, or say in a comment why it may be ignored'
    }
    return undefined
  })

const listed = /(^|_)(personal|pii|censored|redacted|sensitive|masked)(_|$)/i
const listName = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2')
/** Where columns lie is no list of what is personal; how other people's own fields are called the schema cannot know. */
const beside = /\/domain\/(personal-map|catalog)\.ts$/

/** What is personal is said once, by `@pii` in the schema, and read by one file: a second list would forget what the first one learns. */
export const personal = (house: House): Verdict =>
  judge(
    house,
    house.files.filter((file) => isProduct(file) && file !== 'kernel/mask.ts' && !beside.test(file)),
    /personal|pii|censored|redact|sensitive|masked/i,
    ({ node, source }) => {
      if (node.type === 'ImportDeclaration' && /generated\/personal\.json$/.test(textOf(node.source) ?? ''))
        return 'kernel/mask.ts alone reads the list: ask its personalKind or isPersonalName'
      const name = node.type === 'VariableDeclarator' ? memberPath(node.id) : undefined
      const isList = name && listed.test(listName(name)) && !/FunctionExpression$/.test(typeOf(node.init))
      return isList && (source.match(/['|(][A-Za-z_]+(?=['|)])/g)?.length ?? 0) > 1
        ? 'a second list of what is personal: mark the field with @pii and ask kernel/mask.ts'
        : undefined
    },
  )

const typeOf = (node: unknown): string => String((node as { type?: unknown } | undefined)?.type)
