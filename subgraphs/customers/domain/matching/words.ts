import { skeletonOf } from './skeleton.ts'

/**
 * What is known of words in names of companies before an organisation has any. Three rough classes of how often a word is met are enough:
 * what an organisation's own names say takes their place as they come in (docs/decisions/0025-who-is-who-is-weighed.md).
 */
const list = (text: string): string[] => text.trim().split(/\s+/).map(skeletonOf)

/** Legal forms by what they are written as, each with the countries that have it; `*`: many. */
const FORMS: Readonly<Record<string, readonly [form: string, countries: string]>> = {
  inc: ['inc', 'us ca'],
  incorporated: ['inc', 'us ca'],
  corp: ['corp', 'us ca'],
  corporation: ['corp', 'us ca'],
  llc: ['llc', 'us'],
  'limited liability company': ['llc', 'us'],
  llp: ['llp', 'us gb'],
  lp: ['lp', 'us ca'],
  pllc: ['pllc', 'us'],
  pc: ['pc', 'us'],
  co: ['co', '*'],
  company: ['co', '*'],
  ltd: ['ltd', 'gb ie us ca in hk au nz za cn il jp'],
  limited: ['ltd', 'gb ie us ca in hk au nz za cn il jp'],
  'co ltd': ['ltd', 'gb ie us ca in hk cn jp kr tw th'],
  'company limited': ['ltd', 'gb ie us ca in hk cn jp kr tw th'],
  'private limited': ['pvt', 'in pk'],
  'pvt ltd': ['pvt', 'in pk'],
  'p ltd': ['pvt', 'in pk'],
  plc: ['plc', 'gb ie'],
  'public limited company': ['plc', 'gb ie'],
  gmbh: ['gmbh', 'de at ch'],
  'gmbh and co kg': ['kg', 'de at'],
  mbh: ['gmbh', 'de at ch'],
  ag: ['ag', 'de at ch'],
  aktiengesellschaft: ['ag', 'de at ch'],
  kg: ['kg', 'de at'],
  kgaa: ['kgaa', 'de'],
  ohg: ['ohg', 'de'],
  ug: ['ug', 'de'],
  ev: ['ev', 'de'],
  eg: ['eg', 'de'],
  se: ['se', 'de at fr nl be'],
  sa: ['sa', 'fr be ch es pt lu mx ar cl co pe br gr pl'],
  sas: ['sas', 'fr co ar'],
  sasu: ['sas', 'fr'],
  sarl: ['sarl', 'fr lu ch be'],
  'societe anonyme': ['sa', 'fr be ch lu'],
  srl: ['srl', 'it ro es ar mx be'],
  spa: ['spa', 'it cl'],
  sl: ['sl', 'es'],
  slu: ['sl', 'es'],
  'sa de cv': ['sa', 'mx'],
  ltda: ['ltda', 'br co cl pt'],
  lda: ['ltda', 'pt'],
  bv: ['bv', 'nl be'],
  nv: ['nv', 'nl be'],
  ab: ['ab', 'se fi'],
  as: ['as', 'no dk cz sk tr'],
  asa: ['asa', 'no'],
  'a s': ['as', 'dk no cz sk tr'],
  aps: ['aps', 'dk'],
  oy: ['oy', 'fi'],
  oyj: ['oy', 'fi'],
  kk: ['kk', 'jp'],
  'kabushiki kaisha': ['kk', 'jp'],
  pty: ['pty', 'au za'],
  'pty ltd': ['pty', 'au za'],
  'proprietary limited': ['pty', 'au za'],
  'pte ltd': ['pte', 'sg'],
  pte: ['pte', 'sg'],
  'sdn bhd': ['sdn', 'my'],
  bhd: ['bhd', 'my'],
  tbk: ['tbk', 'id'],
  pt: ['pt', 'id'],
  sro: ['sro', 'cz sk'],
  'spol s r o': ['sro', 'cz sk'],
  'sp z o o': ['spzoo', 'pl'],
  'sp zoo': ['spzoo', 'pl'],
  doo: ['doo', 'si hr rs ba'],
  dd: ['dd', 'si hr'],
  kft: ['kft', 'hu'],
  zrt: ['zrt', 'hu'],
  nyrt: ['zrt', 'hu'],
  ooo: ['ooo', 'ru'],
  oao: ['oao', 'ru'],
  zao: ['oao', 'ru'],
  pao: ['oao', 'ru'],
  jsc: ['oao', 'ru ua kz'],
  ojsc: ['oao', 'ru ua kz'],
}

/** A legal form: what it is called, and where it exists; null: in many places. */
export interface LegalForm {
  form: string
  countries: ReadonlySet<string> | null
}

export const LEGAL_FORMS: ReadonlyMap<string, LegalForm> = new Map(
  Object.entries(FORMS).map(([written, [form, countries]]) => [
    written,
    { form, countries: countries === '*' ? null : new Set(countries.split(' ')) },
  ]),
)
/** Forms that are written before the name. */
export const LEADING_FORMS: ReadonlySet<string> = new Set(['ooo', 'oao', 'zao', 'pao', 'jsc', 'pt'])
export const LONGEST_FORM = 4

/** Words that tell next to nothing: left out of a name as often as put in. */
export const FILLERS: ReadonlySet<string> = new Set(
  list(`the and of for in at by de del der die das la le les el los et und y e group grp groupe gruppe grupo gruppo holding holdings
    international global worldwide company companies co enterprise enterprises`),
)

/** Words that tell parts of a group apart: where they are. */
export const PARTS: ReadonlySet<string> = new Set(
  list(`north south east west northeast northwest southeast southwest northern southern eastern western central midwest mountain nord sud
    ost pacific atlantic coast asia africa europe european america american americas latin latam emea apac mena oceania nordic nordics
    iberia benelux dach usa us uk uae eu germany deutschland german france francaise french italy italia italian spain espana iberica
    portugal netherlands nederland belgium belgique austria osterreich switzerland schweiz suisse swiss poland polska czech slovakia hungary
    romania bulgaria greece hellas turkey turkiye sweden sverige norway norge denmark danmark finland suomi ireland england scotland
    wales britain british canada canadian mexico brasil brazil argentina chile colombia peru australia australian zealand india indian
    china chinese japan japanese korea taiwan thailand vietnam indonesia malaysia philippines singapore hongkong shanghai beijing israel
    egypt nigeria kenya russia ukraine california texas florida ohio michigan illinois pennsylvania georgia carolina virginia`),
)

/** Words that every hundredth to fiftieth company has in its name. */
const VERY_COMMON =
  list(`systems system services service solutions solution technologies technology tech industries industry industrial
  management consulting partners associates products capital trading engineering development design national general center centre
  construction financial bank insurance foods food health care medical energy electric power marketing media communications
  software data networks network digital`)

/** Words that one in some hundreds to thousands has: trades, and what firms like to be called. */
const COMMON =
  list(`electronics electronic electrical controls control automation robotics instruments components semiconductor semiconductors
  circuits devices microdevices microsystems avionics aerospace motors motor automotive vehicle vehicles telecom telecommunications voice
  wireless mobile cloud it information computer computers computing hardware logistics freight transport transportation shipping
  supply supplies distribution distributors wholesale retail stores store shop solar wind renewables oil gas petroleum mining minerals
  castings precision tooling tools machine machinery machines pumps valves security safety lighting light audio video sound appliances
  hotels hotel resorts resort restaurants restaurant legal law realty estate real properties property builders building buildings
  marine rail air lines airlines airways aviation university college school institute academy labs laboratories laboratory research
  science sciences optics optical sensors sensor staffing recruiting recruitment outfitters toys gardens garden events event travel
  tours printing print packaging plastics plastic chemicals chemical pharma pharmaceuticals biotech bio diagnostics clinics clinic
  hospital dental partners ventures investments investment fund funds asset assets equity advisors advisory brokers leasing auto
  car cars truck trucks steel metal metals iron glass paper wood timber textile textiles apparel fashion clothing sports fitness
  games entertainment music film films pictures studio studios productions publishing books news press radio television
  farm farms agriculture agri seeds dairy meat bakery coffee beverage beverages brewing wine water environmental waste recycling
  contact centers call hosting internet web online interactive creative agency advertising promotions manufacturing fabrication
  works werke fabrik technik elektronik elektrotechnik maschinenbau bau handel vertrieb beratung dienste versicherung energie
  first united american standard premier advanced applied integrated quality professional modern new great best smart`)

/** Words that are the name of many firms that have nothing to do with each other. */
const POPULAR =
  list(`apex summit pioneer delta alpha beta omega sigma gamma phoenix eagle star sun sunrise horizon vista crown royal
  imperial liberty freedom patriot heritage legacy century millennium frontier gateway compass anchor atlas titan olympus apollo
  mercury neptune orion nova nexus vertex zenith matrix fusion quantum vector synergy dynamic dynamics prime elite superior
  excel ace acme ajax arrow bluebird falcon hawk lion tiger wolf bear fox oak pine cedar maple river lake ocean bay harbor island
  valley hill ridge rock stone crystal diamond golden gold silver platinum blue red green black white bright clear
  smith johnson williams brown jones miller davis wilson anderson taylor thomas moore martin lee thompson harris clark lewis
  robinson walker young allen king wright scott baker adams nelson carter mitchell roberts turner phillips campbell parker evans
  muller schmidt schneider fischer weber meyer meier maier wagner becker schulz hoffmann koch bauer richter klein wolf schroder
  neumann schwarz zimmermann braun kruger hofmann hartmann lange werner krause lehmann kohler hermann konig walter peters lang
  martinez garcia rodriguez lopez gonzalez hernandez perez sanchez rossi ferrari russo bianchi romano silva santos ferreira
  jansen vries berg bakker visser smit hansen olsen larsen johansen andersen nielsen andersson johansson nguyen kim park choi
  wang zhang liu chen yang huang kumar singh sharma patel gupta khan ahmed ali tanaka suzuki sato takahashi watanabe ito
  novak kowalski nowak horvath popescu ivanov petrov`)

const classOf = (words: readonly string[], share: number): [string, number][] =>
  words.map((word) => [word, share])

/** How often a listed word is met in names of companies, as a share of all names. */
export const BACKGROUND: ReadonlyMap<string, number> = new Map([
  ...classOf(POPULAR, 1 / 2_000),
  ...classOf(COMMON, 1 / 200),
  ...classOf([...VERY_COMMON, ...FILLERS], 1 / 50),
  ...classOf([...PARTS], 1 / 300),
])

/** Short forms that are not the beginning of what they stand for, or are shorter than a beginning is taken for one. */
export const SHORT_FORMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    intl: 'international',
    int: 'international',
    natl: 'national',
    mfg: 'manufacturing',
    mgmt: 'management',
    mgt: 'management',
    svc: 'services',
    svcs: 'services',
    serv: 'services',
    sys: 'systems',
    tech: 'technologies',
    techs: 'technologies',
    inds: 'industries',
    ind: 'industries',
    assoc: 'associates',
    assn: 'association',
    bros: 'brothers',
    ctr: 'center',
    dept: 'department',
    dist: 'distribution',
    elec: 'electronics',
    engg: 'engineering',
    eng: 'engineering',
    equip: 'equipment',
    fin: 'financial',
    govt: 'government',
    grp: 'group',
    hldg: 'holding',
    hldgs: 'holdings',
    hosp: 'hospital',
    labs: 'laboratories',
    mkt: 'market',
    mktg: 'marketing',
    pkg: 'packaging',
    pharma: 'pharmaceuticals',
    semi: 'semiconductor',
    soln: 'solutions',
    solns: 'solutions',
    telco: 'telecommunications',
    transp: 'transportation',
    univ: 'university',
  }).map(([short, long]) => [short, skeletonOf(long)]),
)
