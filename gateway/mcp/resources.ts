/** What assistants may read up: the schema, the catalogue, and the pages for people. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js'
import { type GraphQLSchema, printSchema, printType } from 'graphql'
import type { Operation } from '#operations/manifest.ts'
import type { Tool } from '#operations/tools.ts'

export interface Library {
  /** @param readsSchema whether the reader may write documents of their own: nobody else needs the schema */
  list(readsSchema: boolean): Resource[]
  templates(readsSchema: boolean): ResourceTemplate[]
  /** The text of a resource; undefined when there is none for this reader. */
  read(uri: string, readsSchema: boolean): { mimeType: string; text: string } | undefined
  /** Values of a template's variable that begin like this, at most a hundred. */
  complete(template: string, value: string, readsSchema: boolean): { values: string[]; total: number }
}

const SCHEMA = 'tributary://schema'
const CATALOGUE = 'tributary://operations'
const TYPE = `${SCHEMA}/{type}`
const OPERATION = `${CATALOGUE}/{name}`
const PAGE = 'tributary://docs/{page}'
const MOST_COMPLETED = 100
const GRAPHQL = 'application/graphql'
const MARKDOWN = 'text/markdown'
const DOCS = join(import.meta.dirname, '../../docs')

/** The pages for people, by name. */
const readPages = (): Map<string, { title: string; text: string }> =>
  new Map(
    readdirSync(DOCS)
      .filter((file) => file.endsWith('.md'))
      .sort()
      .map((file) => {
        const text = readFileSync(join(DOCS, file), 'utf8')
        return [file.slice(0, -'.md'.length), { title: /^# (.+)$/m.exec(text)?.[1] ?? file, text }]
      }),
  )

/** Opens what can be read. Everything is read once: none of it changes while the gateway runs. */
export const openLibrary = (options: {
  schema: GraphQLSchema
  tools: readonly Tool[]
  operations: readonly Operation[]
}): Library => {
  const { schema } = options
  const pages = readPages()
  const operations = new Map(options.operations.map((operation) => [operation.name, operation]))
  const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'))
  const catalogue = options.tools
    .map(({ name, kind, title, description }) => `- \`${name}\` (${kind}) ${title}. ${description}`)
    .join('\n')
  let sdl: string | undefined

  const listed = (uri: string, name: string, title: string, mimeType: string) => ({
    uri,
    name,
    title,
    mimeType,
  })
  const namesOf = (template: string, readsSchema: boolean): Iterable<string> =>
    template === PAGE
      ? pages.keys()
      : template === OPERATION
        ? options.tools.map(({ name }) => name)
        : template === TYPE && readsSchema
          ? types
          : []

  return {
    list: (readsSchema) => [
      ...(readsSchema ? [listed(SCHEMA, 'schema', 'The schema of the whole graph', GRAPHQL)] : []),
      listed(CATALOGUE, 'operations', 'All operations, with what each is for', MARKDOWN),
      ...[...pages].map(([name, { title }]) => listed(`tributary://docs/${name}`, name, title, MARKDOWN)),
    ],
    templates: (readsSchema) => [
      ...(readsSchema
        ? [{ uriTemplate: TYPE, name: 'type', title: 'One type of the graph', mimeType: GRAPHQL }]
        : []),
      {
        uriTemplate: OPERATION,
        name: 'operation',
        title: 'The document of one operation',
        mimeType: GRAPHQL,
      },
      { uriTemplate: PAGE, name: 'page', title: 'One page of the documentation', mimeType: MARKDOWN },
    ],
    read: (uri, readsSchema) => {
      if (uri === CATALOGUE) return { mimeType: MARKDOWN, text: catalogue }
      if (uri === SCHEMA && readsSchema) {
        sdl ??= printSchema(schema)
        return { mimeType: GRAPHQL, text: sdl }
      }
      const [, room, name] = /^tributary:\/\/(schema|operations|docs)\/([\w-]+)$/.exec(uri) ?? []
      if (name === undefined) return undefined
      if (room === 'docs') {
        const page = pages.get(name)
        return page && { mimeType: MARKDOWN, text: page.text }
      }
      if (room === 'operations') {
        const operation = operations.get(name)
        return operation && { mimeType: GRAPHQL, text: `# ${operation.description}\n${operation.text}` }
      }
      const type = readsSchema ? schema.getType(name) : undefined
      return type && { mimeType: GRAPHQL, text: printType(type) }
    },
    complete: (template, value, readsSchema) => {
      const begun = value.toLowerCase()
      const found = [...namesOf(template, readsSchema)].filter((name) => name.toLowerCase().startsWith(begun))
      return { values: found.slice(0, MOST_COMPLETED), total: found.length }
    },
  }
}
