import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { accessTable, personalList } from '#schema/access.ts'

it('guards a field that a topic adds to a type by the scopes of the type, and a root field it adds by its own', () => {
  const document = parse(/* GraphQL */ `
    type Query {
      one: Int @access(scopes: ["a"])
    }
    type Thing @access(scopes: ["b"]) {
      id: ID!
    }
    extend type Thing {
      secret: String @pii(kind: "name") @access(scopes: ["c"])
      plain: String
    }
    extend type Query {
      two: Thing @access(scopes: ["d"])
    }
  `)
  expect(accessTable(document)).toEqual({
    Query: { one: ['a'], two: ['d'] },
    Thing: { id: ['b'], plain: ['b'], secret: ['b', 'c'] },
  })
  expect(personalList([document])).toEqual({ fields: { 'Thing.secret': 'name' }, names: ['secret'] })
})
