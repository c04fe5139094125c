import { readFile } from 'node:fs/promises'
import {
  buildASTSchema,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  parse,
} from 'graphql'
import { SUBGRAPHS } from '#db/databases.ts'
import type { Principal } from '#kernel/principal.ts'
import { entitiesOf } from '../kit/probes.ts'
import { askSubgraph } from '../kit/subgraph.ts'
import { gatewaySeal, type WholeHub } from '../kit/whole-hub.ts'

/** What each subgraph answers a caller of each entity, asked for by the key of one that is there. */
export const entityAnswers = async (
  hub: WholeHub,
  keys: Readonly<Record<string, string>>,
  caller: Principal,
): Promise<{ type: string; answer: { data: unknown }; asked: string }[]> => {
  const answers = []
  for (const name of SUBGRAPHS) {
    const schema = await schemaOf(name)
    for (const { type, key } of entitiesOf(name)) {
      const id = keys[type]
      if (id === undefined) throw new Error(`no ${type} to ask for: add one to the keys`)
      const inner = fieldsOf(schema, type)
      const query = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} { ${inner} } } }`
      // The gateway passes on hidden internals; a stranger's answer must not depend on what he claims they are.
      const claims = { identityVersion: 1, c3CustomerIds: [keys.C3Account], bans: [keys.BillingAccount] }
      const of = [{ __typename: type, [key]: id, ...claims }]
      const answer = await askSubgraph(hub.urls[name], query, { of }, caller, gatewaySeal)
      answers.push({ type: `${name} ${type}`, answer, asked: JSON.stringify(of) })
    }
  }
  return answers
}

const schemaOf = async (subgraph: string): Promise<GraphQLSchema> => {
  const sdl = await readFile(new URL(`../../schema/generated/${subgraph}.graphql`, import.meta.url), 'utf8')
  return buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true })
}

/** Every plain field of an entity in one subgraph, so that whatever it holds would show. */
const fieldsOf = (schema: GraphQLSchema, type: string): string => {
  const fields = Object.values((schema.getType(type) as GraphQLObjectType).getFields())
  const plain = fields.filter((field) => isLeafType(getNamedType(field.type)) && field.args.length === 0)
  return plain.map((field) => field.name).join(' ') || '__typename'
}
