import { skeletonOf } from './skeleton.ts'

/**
 * What is known of words in names of companies before an organisation has any. Three rough classes of how often a word is met are enough:
 * what an organisation's own names say takes their place as they come in (docs/decisions/0025-who-is-who-is-weighed.md).
 */
const list = (text: string): string[] => text.trim().split(/\s+/).map(skeletonOf)

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

/** Words of everyday language, trades and streets that small firms are called by, in several languages. */
const EVERYDAY =
  list(`family home house household city town village street road avenue park hall court square bridge church chapel temple baptist
  methodist catholic lutheran christian saint community county state public union united alliance association society club council
  foundation trust fellowship ministry ministries main broad high old grand big little small happy lucky sunny fresh clean pure natural
  organic healthy active smart easy quick fast speedy express direct local regional world country village garden gardens lawn
  landscape landscaping tree trees flower flowers florist nursery pet pets animal animals dog cat horse veterinary vet doctor doctors
  dentist dentistry eye vision optical hearing skin beauty hair nail nails salon spa barber massage wellness therapy physical
  chiropractic pediatrics orthopedic surgery surgical nursing senior living pharmacy drug drugs apothecary apotheke
  pharmacie farmacia repair repairs maintenance cleaning cleaners laundry plumbing plumber heating cooling air conditioning hvac
  refrigeration roofing roof siding gutter window windows door doors floor flooring carpet carpets tile kitchen kitchens bath cabinet
  cabinets furniture painting paint painters drywall insulation fence fencing pool pools deck concrete masonry brick excavating paving
  asphalt demolition hauling moving movers storage towing tire tires brake muffler transmission collision body parts cycle bicycle bike
  motorcycle boat boats marina fishing hunting guns outdoor outdoors camping golf tennis ski swim dance karate yoga gym athletic
  restaurant diner grill bar pub tavern inn lodge suites motel cafe coffeehouse pizza pizzeria burger burgers bbq barbecue chicken
  fish seafood sushi noodle noodles taco tacos cantina bistro deli delicatessen bagel bagels donut donuts cake cakes cookie candy
  chocolate ice cream juice tea catering kitchen market markets grocery grocers supermarket produce fruit fruits vegetable butcher
  provisions liquor liquors spirits beer brewery winery vineyard vineyards cellars tobacco smoke gift gifts jewelry jewelers jeweler
  watch watches art arts gallery frame framing photo photography camera studio craft crafts hobby book bookstore office equipment rental
  rentals leather shoes shoe boots bridal tailor tailors uniform uniforms boutique thrift antique antiques pawn loan loans credit
  mortgage savings federal first second third tax accounting accountants bookkeeping payroll notary attorneys attorney lawyers solicitors
  chambers title escrow appraisal inspection inspections survey surveying surveyors architects architecture interiors drafting
  daycare childcare preschool kindergarten learning education educational training tutoring driving elementary district library museum
  theatre theater cinema radio ambulance fire rescue police housing apartments condominium homes residential commercial
  brothers brother sons son daughters sisters father mother king kings queen prince knight castle manor hill hills hillside mountain
  valley creek brook spring springs river riverside riverview lake lakeside lakeview seaside beach coastal shore harbor bay island
  forest woods woodland meadow prairie ridge oak pine cedar maple elm willow birch rose lily sunset sunrise sun moon star sky cloud rain
  snow winter summer spring autumn north point view vista plaza corner crossing gate landing depot station junction mill mills
  barn ranch acres grove orchard field fields grain feed hay cattle poultry egg eggs honey bee bees lamb pig hog
  boulangerie patisserie boucherie garage transports batiment menuiserie plomberie maison atelier
  transportes construcciones ferreteria panaderia taller hermanos comercial servicios muebles
  backerei metzgerei gasthof gasthaus schreinerei tischlerei autohaus baugeschaft stadtwerke bedachungen spedition
  hirsch lowe lowen adler krone engel stern sonne linde linden schwan schwanen ochsen rossle marien rathaus bahnhof markt markte
  trasporti costruzioni fratelli ristorante albergo
  golden silver dragon jade lotus panda phoenix garden palace great wall orient oriental pearl
  abc aaa aa a1 able accurate affordable allied ideal perfect reliable reliance trusted total ultimate universal victory
  america americana colonial continental international metro metropolitan suburban urban rural tri twin double
  blue moon angel angels grace faith hope joy harmony unity peace bless blessed`)

const classOf = (words: readonly string[], share: number): [string, number][] =>
  words.map((word) => [word, share])

/** How often a listed word is met in names of companies, as a share of all names. */
export const BACKGROUND: ReadonlyMap<string, number> = new Map([
  ...classOf(EVERYDAY, 1 / 1_000),
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
    st: 'saint',
    mt: 'mount',
    ft: 'fort',
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
