/** Variables by their paths, such as `filter.severity`. */
export const put = (into: Record<string, unknown>, path: string, value: unknown): void => {
  const names = path.split('.')
  let at = into
  for (const name of names.slice(0, -1)) {
    at[name] ??= {}
    at = at[name] as Record<string, unknown>
  }
  at[names.at(-1)!] = value
}

export const has = (variables: Record<string, unknown>, path: string): boolean =>
  path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], variables) !==
  undefined

export const lastOf = (path: string): string => path.split('.').at(-1) ?? path
