const MAX_ADDRESS = 320;
// A dotted local part and a domain with labels. SES takes ASCII only before the @ sign, and writes a domain's other
// letters in Punycode: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?<domain>[^\s@<>,;:"()[\]\\]+)$/;
const LABEL = /^(?!-)[\p{L}\p{N}-]{1,63}(?<!-)$/u;
const NAMED = /^(?<name>[^<>]*)<(?<address>[^<>]+)>$/;
const CONTROL = /\p{Cc}/u;

/** What is wrong with `address` or `Name <address>`; undefined when nothing is. */
export function addressProblem(text: string): string | undefined {
  // A line break would begin another header of the mail.
  if (CONTROL.test(text)) return 'holds a control character';
  const address = (NAMED.exec(text)?.groups?.address ?? text).trim();
  if (address.length > MAX_ADDRESS) return `is longer than ${MAX_ADDRESS} characters`;
  const domain = ADDRESS.exec(address)?.groups?.domain;
  const labels = domain?.split('.') ?? [];
  const isAddress = labels.length > 1 && labels.every((label) => LABEL.test(label));
  return isAddress ? undefined : `is no mail address: ${JSON.stringify(text.slice(0, 100))}`;
}

/** As a header carries it: a display name with other letters than ASCII's becomes an encoded word (RFC 2047). */
export function encodedAddress(text: string): string {
  const groups = NAMED.exec(text)?.groups;
  if (!groups) return text.trim();
  const name = groups.name!.trim().replace(/^"(.*)"$/, '$1');
  const address = groups.address!.trim();
  if (name === '') return address;
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replace(/(["\\])/g, '\\$1')}" <${address}>`;
  return `${encodedWords(name)} <${address}>`;
}

/** An encoded word has up to 75 characters; letters are not cut in two. */
function encodedWords(name: string): string {
  const words = [''];
  for (const letter of name) {
    const longer = words.at(-1)! + letter;
    if (Buffer.byteLength(longer) <= 42) words[words.length - 1] = longer;
    else words.push(letter);
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}
