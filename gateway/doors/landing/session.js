/**
 * Who is signed in in this browser, and how they sign in and out: the same on every page. What the browser holds is a cookie that this
 * script cannot read; the header below shows the hub that a page of its own is asking.
 */
const OWN_PAGE = { 'x-hub-csrf': '1' }

const post = (path) =>
  fetch(path, {
    method: 'POST',
    headers: { ...OWN_PAGE, 'content-type': 'application/json' },
    body: '{}',
  })

/**
 * Finds out who is signed in and shows it in `place`, with the way in or out.
 * @returns the headers that requests of this page need; undefined: there is no way in for a browser, and nobody is signed in.
 * Without a person the demo lends a token that only reads.
 */
export const openSession = async (place) => {
  const response = await fetch('/auth/session')
  if (!response.ok) throw new Error('the hub does not say who is signed in')
  const { way, person } = await response.json()
  place.replaceChildren(...(person ? signedIn(person) : wayIn(way)))
  if (person) return OWN_PAGE
  const lent = way === 'DEMO' ? await fetch('/landing/demo-token') : undefined
  return lent?.ok ? { authorization: `Bearer ${(await lent.json()).token}` } : undefined
}

const signedIn = ({ name, roles, organisation }) => [
  `Signed in as ${name} (${roles.join(', ').toLowerCase()}) of ${organisation.name} `,
  button('Sign out', async () => {
    const response = await post('/auth/sign-out')
    location.assign(response.ok ? (await response.json()).goTo : location.href)
  }),
]

const wayIn = (way) => {
  if (way === 'PROVIDER') {
    const link = document.createElement('a')
    link.href = `/auth/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`
    link.textContent = 'Sign in'
    return ['Nobody is signed in. ', link]
  }
  if (way !== 'DEMO') return []
  const enter = button('Sign in as the demo’s administrator', async () => {
    await post('/auth/demo')
    location.reload()
  })
  return ['This is the demo: you look around without signing in, and only read. ', enter]
}

const button = (text, act) => {
  const made = document.createElement('button')
  made.type = 'button'
  made.textContent = text
  made.addEventListener('click', async () => {
    made.disabled = true
    try {
      await act()
    } finally {
      made.disabled = false
    }
  })
  return made
}
