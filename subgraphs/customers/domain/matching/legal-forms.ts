/** Legal forms, by what they are written as once a name is a skeleton, and in which countries each exists. */

const WIDE = '*'

/** What a form is called, how it is written, and where it exists; `*`: in many places. */
const FORMS: readonly (readonly [form: string, countries: string, written: string])[] = [
  ['inc', 'us ca ph', 'inc, incorporated'],
  ['corp', 'us ca ph jp kr', 'corp, corporation'],
  // Also what a Russian, Ukrainian or Arab one is called abroad.
  ['llc', 'us ru ua kz ae', 'llc, limited liability company, limited liability co'],
  ['llp', 'us gb in', 'llp, limited liability partnership'],
  ['lp', 'us ca', 'lp, limited partnership'],
  ['pllc', 'us', 'pllc'],
  ['pc', 'us', 'pc, professional corporation'],
  ['na', 'us', 'national association'],
  ['co', WIDE, 'co, company'],
  [
    'ltd',
    'gb ie us ca in hk au nz za cn il jp kr tw th',
    'ltd, limited, co ltd, company ltd, company limited, co limited',
  ],
  ['ltd', 'ca', 'ltee, limitee'],
  ['ulc', 'ca', 'ulc, unlimited liability company'],
  ['pvt', 'in pk', 'private limited, pvt ltd, pvt limited, private ltd, p ltd'],
  ['plc', 'gb ie', 'plc, public limited company, public ltd co, public ltd company, public limited co'],
  ['cic', 'gb', 'cic, community interest company'],
  ['dac', 'ie', 'dac, designated activity company'],
  ['gmbh', 'de at ch', 'gmbh, mbh, ggmbh, gesellschaft mit beschrankter haftung'],
  ['ag', 'de at ch', 'ag, aktiengesellschaft'],
  [
    'kg',
    'de at',
    'kg, kommanditgesellschaft, gmbh co kg, gmbh and co kg, ag and co kg, ag co kg, se and co kg, se co kg',
  ],
  ['kgaa', 'de', 'kgaa, ag and co kgaa, ag co kgaa, se and co kgaa, se co kgaa, gmbh and co kgaa'],
  ['ohg', 'de', 'ohg, offene handelsgesellschaft'],
  ['gbr', 'de', 'gbr'],
  ['ug', 'de', 'ug, ug haftungsbeschrankt, unternehmergesellschaft'],
  ['ev', 'de', 'ev'],
  ['eg', 'de', 'eg'],
  ['se', 'de at fr nl be', 'se, societas europaea'],
  [
    'sa',
    'fr be ch es pt lu mx ar cl co pe br gr pl ro',
    'sa, societe anonyme, sociedad anonima, sociedade anonima, spolka akcyjna, sociedad anonima de capital variable',
  ],
  ['sa', 'mx', 'sa de cv, sab de cv, sapi de cv'],
  ['srl', 'mx', 's de rl de cv, s de rl'],
  ['sa', 'pe', 'sac, saa'],
  ['sas', 'fr co ar', 'sas, sasu, societe par actions simplifiee'],
  ['sarl', 'fr lu ch be', 'sarl, eurl, societe a responsabilite limitee'],
  ['snc', 'fr it', 'snc'],
  ['srl', 'it ro es ar mx be', 'srl, srls, societa a responsabilita limitata'],
  ['spa', 'it cl', 'spa, societa per azioni'],
  ['sl', 'es', 'sl, slu, sociedad limitada'],
  ['sau', 'es', 'sau'],
  ['ltda', 'br co cl pt', 'ltda, lda, limitada, unipessoal lda'],
  ['bv', 'nl be', 'bv, bvba, besloten vennootschap'],
  ['nv', 'nl be', 'nv, naamloze vennootschap'],
  ['ab', 'se fi', 'ab, aktiebolag, aktiebolaget'],
  ['as', 'no dk cz sk tr ee', 'as, a s, anonim sirketi, aktieselskab, akciova spolecnost'],
  ['asa', 'no', 'asa'],
  ['aps', 'dk', 'aps, anpartsselskab'],
  ['oy', 'fi', 'oy, oyj, osakeyhtio'],
  ['ehf', 'is', 'ehf'],
  ['ou', 'ee', 'ou'],
  ['sia', 'lv', 'sia'],
  ['uab', 'lt', 'uab'],
  ['kk', 'jp', 'kk, kabushiki kaisha, kabushiki gaisha, 株式会社, 株'],
  ['gk', 'jp', 'gk, godo kaisha, 合同会社'],
  ['yk', 'jp', 'yk, yugen kaisha, 有限会社'],
  ['ltd', 'cn tw hk', '有限公司, 有限责任公司, 有限責任公司'],
  ['ltd', 'cn tw', '股份有限公司'],
  ['ltd', 'kr', '주식회사, 주, 유한회사'],
  ['pty', 'au za', 'pty, pty ltd, proprietary limited, pty limited, proprietary ltd'],
  ['pte', 'sg', 'pte, pte ltd, pte limited, private limited company'],
  ['sdn', 'my', 'sdn bhd, sendirian berhad'],
  ['bhd', 'my', 'bhd, berhad'],
  ['pt', 'id', 'pt, tbk, perseroan terbatas'],
  ['pcl', 'th', 'pcl, public company limited, public co ltd'],
  ['sro', 'cz sk', 'sro, spol sro, spol s ro'],
  ['spzoo', 'pl', 'sp zoo, spzoo, sp z oo, spolka zoo, spolka z oo, spolka z ograniczona odpowiedzialnoscia'],
  ['doo', 'si hr rs ba me mk', 'doo'],
  ['dd', 'si hr ba', 'dd'],
  ['ood', 'bg', 'ood, eood'],
  ['kft', 'hu', 'kft, korlatolt felelossegu tarsasag'],
  ['zrt', 'hu', 'zrt, nyrt'],
  ['ltd', 'tr', 'ltd sti, limited sirketi'],
  ['ae', 'gr', 'ae, aee, anonimi etairia, anonymi etairia'],
  ['epe', 'gr', 'epe'],
  ['ike', 'gr', 'ike'],
  ['ooo', 'ru', 'ooo'],
  ['tov', 'ua', 'tov'],
  ['too', 'kz', 'too'],
  [
    'ao',
    'ru ua kz vn',
    'ao, oao, zao, pao, at, pat, prat, jsc, pjsc, ojsc, cjsc, joint stock company, public joint stock company, open joint stock company, closed joint stock company',
  ],
  ['fze', 'ae', 'fze, fzco, fz llc'],
  ['sae', 'eg', 'sae'],
]

/** A legal form: what it is called, and where it exists; null: in many places. */
export interface LegalForm {
  form: string
  countries: ReadonlySet<string> | null
}

export const LEGAL_FORMS: ReadonlyMap<string, LegalForm> = new Map(
  FORMS.flatMap(([form, countries, written]) =>
    written
      .split(', ')
      .map((each): [string, LegalForm] => [
        each,
        { form, countries: countries === WIDE ? null : new Set(countries.split(' ')) },
      ]),
  ),
)

/** Forms that are written before the name as well. */
export const LEADING_FORMS: ReadonlySet<string> = new Set(
  (
    'ooo, tov, too, ao, oao, zao, pao, pat, prat, jsc, pjsc, ojsc, cjsc, joint stock company, public joint stock company, ' +
    'open joint stock company, closed joint stock company, pt, ab, aktiebolaget, kabushiki kaisha, uab, sia, 株式会社, 株, 合同会社, ' +
    '有限会社, 주식회사, 주'
  ).split(', '),
)

/** How many words a form has at most. */
export const LONGEST_FORM = Math.max(...[...LEGAL_FORMS.keys()].map((written) => written.split(' ').length))

/** Forms of languages that write no spaces: they are set apart before a name is taken to words. */
export const UNSPACED_FORMS: readonly string[] = [...LEGAL_FORMS.keys()]
  .filter((written) => written.length > 1 && /[\p{Script=Han}\p{Script=Hangul}]/u.test(written))
  .sort((a, b) => b.length - a.length)
