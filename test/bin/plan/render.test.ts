import { readFileSync } from 'node:fs';
import path from 'node:path';
import { renderMarkdown } from '../../../bin/plan/markdown';
import { parsePlan } from '../../../bin/plan/plan-json';
import { hasChanges, losesData, review } from '../../../bin/plan/review';
import type { Review, ReviewedChange } from '../../../bin/plan/review';
import { renderText } from '../../../bin/plan/text';

type Fixture = 'create' | 'change' | 'destroy' | 'none';

/** Plans that terraform 1.11.4 and hashicorp/aws 5.100.0 made of a small stack. */
const fixture = (name: Fixture): string =>
  readFileSync(path.join(__dirname, 'fixtures', `${name}.json`), 'utf8');
const reviewOf = (name: Fixture): Review => review(parsePlan(fixture(name)));
const plain = (name: Fixture): string => renderText(reviewOf(name), 'demo', { colour: false });

function changeOf(name: Fixture, address: string): ReviewedChange {
  const found = reviewOf(name).changes.find((change) => change.address === address);
  if (!found) throw new Error(`${address} does not change in ${name}`);
  return found;
}

const section = (text: string, title: string): string =>
  text.split('\n\n').find((part) => part.startsWith(title)) ?? '';

describe('the order and the counts', () => {
  test('every kind of change is counted', () => {
    expect(reviewOf('change').counts).toEqual({
      replace: 5,
      destroy: 2,
      forget: 0,
      change: 5,
      create: 0,
      move: 1,
    });
    expect(plain('change').split('\n')[0]).toBe(
      'Plan for demo: 5 replaced, 2 destroyed, 5 changed, 0 created, 1 moved, 3 unchanged',
    );
    expect(plain('create').split('\n')[0]).toBe(
      'Plan for demo: 0 replaced, 0 destroyed, 0 changed, 5 created, 0 unchanged',
    );
  });

  test('replaced comes first and created last, data before the rest', () => {
    const order = reviewOf('change').changes.map(({ action, losses }) => `${action} ${losses.length > 0}`);
    expect([...new Set(order)]).toEqual([
      'replace true',
      'replace false',
      'destroy true',
      'destroy false',
      'change true',
      'change false',
      'move false',
    ]);
  });

  test('a plan without changes is one line', () => {
    expect(plain('none')).toBe('Plan for demo: 0 replaced, 0 destroyed, 0 changed, 0 created, 2 unchanged\n');
    expect(hasChanges(reviewOf('none'))).toBe(false);
    expect(hasChanges(reviewOf('create'))).toBe(true);
  });
});

describe('data that may be lost stands in front', () => {
  const front = section(plain('change'), 'DATA MAY BE LOST');

  test.each([
    [
      '-/+  aws_dynamodb_table.orders',
      'is replaced: its items are lost (range_key cannot be changed in place)',
    ],
    ['-/+  aws_sqs_queue.messages', 'is replaced: its messages are lost (name cannot be changed in place)'],
    ['-    aws_sqs_queue.old', 'is destroyed: its messages are lost (it is not in the program any more)'],
    ['-/+  aws_secretsmanager_secret_version.db', 'is replaced: this version of the secret is lost'],
    ['~    aws_db_instance.main', 'deletion_protection is turned off'],
    ['~    aws_db_instance.main', 'skip_final_snapshot is turned on'],
    ['~    aws_db_instance.main', 'backup_retention_period is shortened from 7 to 1'],
    ['~    aws_cloudwatch_log_group.producer', 'retention_in_days is shortened from 14 to 3'],
    ['~    aws_s3_bucket.files', 'force_destroy is turned on'],
    ['~    aws_secretsmanager_secret.db', 'recovery_window_in_days is shortened from 7 to 0'],
  ])('%s %s', (address, text) => {
    const lines = front.split('\n').map((line) => line.trim());
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${escape(address)} +${escape(text)}`)));
  });

  test('a destroyed database says whether a snapshot is left', () => {
    expect(changeOf('destroy', 'aws_db_instance.main').losses).toEqual([
      'its databases are lost, but for the final snapshot demo-final',
    ]);
  });

  test('a first deploy loses nothing', () => {
    expect(losesData(reviewOf('create'))).toBe(false);
    expect(losesData(reviewOf('change'))).toBe(true);
    expect(plain('create')).not.toContain('DATA');
  });
});

describe('replacements say what forces them', () => {
  test('in front, for resources that hold no data', () => {
    expect(section(plain('change'), 'REPLACED').split('\n').slice(1)).toEqual([
      '  -/+  aws_security_group.db                   description cannot be changed in place',
      '  -/+  aws_vpc_security_group_ingress_rule.db  security_group_id cannot be changed in place',
    ]);
  });

  test('and in the details, at the attribute', () => {
    expect(plain('change')).toContain('      - description = "database"  # forces replacement\n');
    expect(plain('change')).toContain(
      '      + security_group_id = (known after apply)  # forces replacement\n',
    );
  });
});

describe('security', () => {
  test.each([
    ['aws_iam_role_policy.producer', 'permissions'],
    ['aws_security_group.db', 'firewall'],
    ['aws_s3_bucket_public_access_block.files', 'public access'],
    ['aws_secretsmanager_secret.db', 'secrets'],
  ])('%s is marked: %s', (address, concern) => {
    expect(changeOf('change', address).concern).toBe(concern);
  });

  test('what is of no interest is not marked', () => {
    expect(changeOf('change', 'aws_cloudwatch_log_group.producer').concern).toBeUndefined();
    expect(changeOf('change', 'aws_sqs_queue.messages').concern).toBeUndefined();
    expect(changeOf('create', 'aws_vpc.main').concern).toBeUndefined();
  });

  test('what the plan opens stands in front', () => {
    const front = section(plain('change'), 'OPENED');
    expect(front).toMatch(/aws_vpc_security_group_ingress_rule\.db +port 3306 is open to the internet/);
    expect(front).toMatch(/aws_s3_bucket_public_access_block\.files +public access is not blocked any more/);
  });

  test('a policy is compared statement by statement', () => {
    expect(changeOf('change', 'aws_iam_role_policy.producer').diff.lines).toEqual([
      { sign: '+', text: 'policy.Statement[0].Action[1] = "sns:Subscribe"' },
    ]);
  });
});

describe('sensitive values', () => {
  test.each(['create', 'change', 'destroy'] as const)(
    'are in the plan JSON of %s, but never printed',
    (name) => {
      expect(fixture(name)).toContain('hunter2');
      const everything =
        JSON.stringify(reviewOf(name)) + plain(name) + renderMarkdown(reviewOf(name), 'demo');
      expect(everything).not.toContain('hunter2');
    },
  );

  test('it shows that one changes', () => {
    expect(changeOf('change', 'aws_secretsmanager_secret_version.db').diff.lines).toEqual([
      { sign: '-', text: 'secret_string = (sensitive)  # forces replacement' },
      { sign: '+', text: 'secret_string = (sensitive, changed)  # forces replacement' },
    ]);
  });
});

test('values that AWS decides are named on one line', () => {
  expect(changeOf('create', 'aws_secretsmanager_secret_version.db').diff.unknown).toContain('arn');
  expect(plain('create')).toMatch(/ {8}known after apply: arn, /);
});

test('colour is added only where it was asked for', () => {
  const coloured = renderText(reviewOf('change'), 'demo', { colour: true });
  const control = '\u001b[';
  expect(coloured).toContain(control);
  expect(plain('change')).not.toContain(control);
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain('change')); // eslint-disable-line no-control-regex
});

describe('markdown', () => {
  const markdown = renderMarkdown(reviewOf('change'), 'demo');

  test('alarms, the table and one fold a change', () => {
    expect(markdown).toContain('> [!CAUTION]\n> **Data may be lost**\n');
    expect(markdown).toContain(
      '| `-/+` | replaced | `aws_dynamodb_table.orders` | range_key cannot be changed in place | DATA |\n',
    );
    expect(markdown.match(/^<details>/gm)).toHaveLength(reviewOf('change').changes.length);
    expect(markdown).toContain('```diff\n- retention_in_days = 14\n+ retention_in_days = 3\n```');
  });

  test('leaves rows out where even the table is too long for a comment, the last ones, and says how many', () => {
    const one = reviewOf('create');
    const quiet = one.changes.filter((change) => change.losses.length === 0);
    const changes = Array.from({ length: 2000 }, () => quiet)
      .flat()
      .slice(0, 2000);
    const text = renderMarkdown({ ...one, changes }, 'demo');
    const rows = text.match(/^\| `\+` /gm) ?? [];
    expect(text.length).toBeLessThan(65_536);
    expect(text.length).toBeGreaterThan(50_000);
    expect(text).toContain(`\n\n${2000 - rows.length} more changes are left out`);
    expect(rows.length).toBeGreaterThan(100);
  });

  test('stays below what a comment can hold, and says what it left out', () => {
    const one = reviewOf('change');
    const many = { ...one, changes: Array.from({ length: 20 }, () => one.changes).flat() };
    const text = renderMarkdown(many, 'demo');
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/The details of \d+ more are left out/);
  });

  test('nothing in a plan is taken for markup', () => {
    const [change] = reviewOf('change').changes;
    const hostile = { ...change!, address: 'a["`x|y"]', why: '</details> **b** | [c](d)', losses: [] };
    const diff = { lines: [{ sign: '+' as const, text: 'x = "```\\n</details>"' }], unknown: [] };
    const text = renderMarkdown({ ...reviewOf('none'), changes: [{ ...hostile, diff }] }, 'demo');
    expect(text).toContain('| `` a["`x\\|y"] `` | &lt;/details&gt; \\*\\*b\\*\\* \\| \\[c\\](d) |');
    expect(text).toContain('````diff\n+ x = "```\\n</details>"\n````');
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
