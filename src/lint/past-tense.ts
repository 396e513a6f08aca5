import { wordsOf } from "./words.js";

/**
 * Whether a name says that something has happened: it holds a past participle or a past tense, OrderPlaced, PaymentSent,
 * UserLoggedIn, PriceCut. A verb that looks the same in the present counts where it is not the first word, which would be
 * the imperative: PasswordReset has happened, ResetPassword has not. In doubt it is let through.
 */
export const isPastTense = (name: string): boolean => {
  const words = wordsOf(name);
  return words.some(
    (word, i) => isPast(word) || (unchanging.has(stem(word, unchanging)) && (i > 0 || words.length === 1)),
  );
};

/** Whether the last word is a regular participle: what no thing and no wish is called. */
export const endsInParticiple = (name: string): boolean => {
  const last = wordsOf(name).at(-1) ?? "";
  return isRegular(last);
};

const isPast = (word: string): boolean => isRegular(word) || irregular.has(stem(word, irregular));

const isRegular = (word: string): boolean => word.length > 3 && word.endsWith("ed") && !notPast.has(word);

/** Without a prefix, where what is left is known: repaid and overpaid are as past as paid. */
const stem = (word: string, known: ReadonlySet<string>): string => {
  if (known.has(word)) return word;
  const prefix = prefixes.find((one) => word.startsWith(one) && known.has(word.slice(one.length)));
  return prefix === undefined ? word : word.slice(prefix.length);
};

const prefixes = [
  "re",
  "un",
  "over",
  "under",
  "mis",
  "out",
  "pre",
  "fore",
  "with",
  "up",
  "down",
  "off",
  "in",
  "inter",
  "de",
  "by",
  "back",
  "auto",
  "co",
];

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** End in -ed and are no participles. */
const notPast = list(`
  bleed breed creed deed exceed embed feed freed greed heed hundred indeed kindred need newsfeed proceed reed seed shred sled
  speed succeed weed naked sacred wicked wretched rugged seabed hotbed moped biped
`);

/** Past tenses and participles that differ from the present. */
const irregular = list(`
  arisen arose ate awoke awoken bade beaten became been began begun bent bitten bled blew blown born borne bought bound bred
  broke broken brought built burnt came caught chose chosen clung crept dealt did done dove drank drawn dreamt drew driven
  drove drunk dug eaten fallen fed fell felt fled flew flown flung forbidden forgave forgiven forgot forgotten forsaken fought
  found froze frozen gave given gone got gotten grew ground grown had heard held hid hidden hung kept knelt knew known laid
  lain leapt learnt led left lent lit lost made meant met mistaken mown overcome paid proven ran rang ridden risen rode rose rung
  said sang sank sat saw sawn seen sent sewn shaken shaved shone shook shot shown shrank shrunk slain slept slew slid slung
  smelt sold sought sown sped spelt spent spilt spoilt spoke spoken sprang sprung spun stank stole stolen stood stricken
  strode struck strung stuck stung sung sunk sworn swam swept swollen swore swum swung taken taught thought threw thrown told
  took tore torn trodden understood underwent undergone went wept woke woken won wore worn wound wove woven wrote written wrung
`);

/** The same in the present and in the past. */
const unchanging = list(`
  become bet bid broadcast burst cast come cost cut fit forecast hit hurt input knit let offset output put quit read rid run
  set shed shut split spread thrust upset wed wet
`);
