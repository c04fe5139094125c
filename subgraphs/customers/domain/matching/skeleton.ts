/** Texts as they look rather than as they are written: what names are compared by. The text itself is never changed. */

// Letters that no decomposition takes apart.
const LATIN: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i', ŋ: 'ng', ħ: 'h', ŧ: 't' },
}
const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(' ').map((pair) => [pair[0]!, pair.slice(1)]))

// Cyrillic and Greek as they are read: BGN/PCGN and ELOT 743 without their marks.
const READ: Readonly<Record<string, string>> = {
  ...pairs(
    'аa бb вv гg дd еe ёe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya іi їi єe ґg љlj њnj ћc ђdj џdz јj',
  ),
  ...pairs('αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo'),
}
// Cyrillic and Greek letters that stand in for Latin ones that look the same: only among Latin letters.
const LOOKS: Readonly<Record<string, string>> = pairs(
  'аa вb еe зz кk мm нh оo рp сc тt уy хx іi јj ѕs ԁd ԛq ԝw һh αa βb εe ηn κk νv οo ρp τt υu χx ωw ιi',
)

// Default ignorable code points: they are not seen, and names that differ in nothing else look the same.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu

const wordSkeleton = (word: string): string => {
  const looks = /[a-z]/.test(word) ? LOOKS : {}
  const read = [...word].map((letter) => LATIN[letter] ?? looks[letter] ?? READ[letter] ?? letter).join('')
  // Short words are initials and forms rather than words: "AE" is no umlaut. At the end of a word it is hardly ever one: "Value".
  const plain = read.length < 4 ? read : read.replace(/([aou])e(?=[^aeiou])/g, '$1')
  return plain.replaceAll('x', 'ks')
}

/**
 * A text without invisible characters, marks and letter forms, in lower case: `Ｍüｌｌｅｒ` and `Мüller` (with a Cyrillic М) are `muller`.
 * German ae, oe and ue are read as the umlauts they stand for, and x as the ks that other alphabets write, in all languages: both sides
 * are treated the same.
 */
export const skeletonOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toLowerCase()
    // A letter of its own, which would lose its mark.
    .replaceAll('й', 'y')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .normalize('NFC')
    .replace(/[\p{L}\p{N}]+/gu, wordSkeleton)
