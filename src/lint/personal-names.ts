import { endsWith, wordsOf } from "./words.js";

/**
 * Whether a field of this name, in something called so, is probably about a person. Names end in what they hold:
 * customerEmail is an address, emailTemplate and emailCount are not.
 */
export const looksPersonal = (field: string, owner: string): boolean => {
  const words = singular(wordsOf(field));
  if (endings.some((ending) => endsWith(words, ending))) return true;
  const last = words.at(-1) ?? "";
  const before = words.at(-2);
  if (last === "name") return before === undefined ? isPerson(wordsOf(owner)) : people.has(before);
  if (last === "address") return before !== undefined && addresses.has(before);
  return false;
};

/** A customer, and Customer or ContactPerson, but not CustomerSegment. */
const isPerson = (words: readonly string[]): boolean => people.has(words.at(-1) ?? "");

const singular = (words: readonly string[]): readonly string[] =>
  words.map((word, i) =>
    i === words.length - 1 && /[a-z]{3}s$/.test(word) && !/(?:ss|us|is)$/.test(word)
      ? word.replace(/(?<=ress)es$|s$/, "")
      : word,
  );

const list = (text: string): readonly (readonly string[])[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((phrase) => phrase.split(" "));

const endings = list(`
  email, e mail, phone, telephone, phone number, telephone number, mobile number, fax number, msisdn,
  first name, last name, firstname, lastname, full name, fullname, given name, family name, middle name, maiden name, surname,
  nickname, username, user name, display name,
  birth date, birthdate, date of birth, birthday, dob, birth place, place of birth,
  street, street address, street name, house number, postcode, postal code, zip code, postal address,
  iban, bank account number, card number, credit card number, card holder, cardholder, account holder,
  ssn, social security number, social insurance number, national id, national insurance number, passport number, id card number,
  personal number, tax id, driving licence number, driver license number, license plate, licence plate,
  ip, ip address, user agent, mac address, device fingerprint,
  gender, nationality, ethnicity, religion, marital status, blood type
`);

const people: ReadonlySet<string> = new Set([
  ...[
    "customer",
    "person",
    "user",
    "employee",
    "contact",
    "patient",
    "driver",
    "student",
    "author",
    "passenger",
    "guest",
  ],
  ...[
    "recipient",
    "sender",
    "owner",
    "holder",
    "applicant",
    "tenant",
    "beneficiary",
    "buyer",
    "payer",
    "payee",
    "traveller",
  ],
  ...["consignee", "teacher", "doctor", "insured", "borrower", "candidate", "legal", "birth"],
]);

const addresses: ReadonlySet<string> = new Set([
  ...[
    "home",
    "shipping",
    "billing",
    "delivery",
    "mailing",
    "invoice",
    "private",
    "email",
    "mail",
    "customer",
    "residential",
  ],
  ...["recipient", "contact", "postal"],
]);
