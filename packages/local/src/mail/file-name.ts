const MAX_RECIPIENT = 64;
const MAX_SUBJECT = 60;

/**
 * `20260101T120000123Z-0001-anna@example.com-Password-changed.eml`: sorts by time, and is one plain name whatever the mail says.
 * @param sequence tells mails of one millisecond apart
 */
export function mailFileName(now: number, sequence: number, recipient: string, subject: string): string {
  const parts = [...moment(now, sequence), plain(recipient, MAX_RECIPIENT), plain(subject, MAX_SUBJECT)];
  return `${parts.filter((part) => part !== '').join('-')}.eml`;
}

/** `20260101T120000123Z-0001-+15550100.txt` */
export function textFileName(now: number, sequence: number, phoneNumber: string): string {
  return `${[...moment(now, sequence), plain(phoneNumber, MAX_RECIPIENT)].join('-')}.txt`;
}

function moment(now: number, sequence: number): string[] {
  return [new Date(now).toISOString().replace(/[-:.]/g, ''), String(sequence).padStart(4, '0')];
}

/** Letters, digits and what is harmless in every file system; a dash for the rest. */
function plain(text: string, maxCharacters: number): string {
  return text
    .replace(/[^A-Za-z0-9@._+]+/g, '-')
    .slice(0, maxCharacters)
    .replace(/^[-.]+|[-.]+$/g, '');
}
