export { type FieldLineage, lineageOf } from '#sync/links.ts'
