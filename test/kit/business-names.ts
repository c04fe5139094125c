/** What a business with this web domain is called: `halhaus-avionics.com` is Halhaus Avionics. Without one it is called `otherwise`. */
export const nameOf = (domain: string | null, otherwise: string): string =>
  domain === null
    ? otherwise
    : domain
        .replace(/\..*$/, '')
        .split('-')
        .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
        .join(' ')
