import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setPath } from '../../src/commands/invoke/set-path';
import type { JsonObject } from '../../src/synth';
import { api, merge, role, routed, TestProject } from '../up/support';
import { Call, call } from './support';
import type { Ended } from './support';

const ECHO = `exports.handler = async (event) => {
  console.log('got it');
  if (event.fail) throw new Error('no');
  return event;
};`;

describe('--set', () => {
  const event = { Records: [{ s3: { object: { key: 'a', size: 1 } } }], detail: { 'a.b': 1 } };

  test.each([
    ['Records[0].s3.object.key=b/c.txt', { Records: [{ s3: { object: { key: 'b/c.txt', size: 1 } } }] }],
    ['Records[0].s3.object.size=7', { Records: [{ s3: { object: { key: 'a', size: 7 } } }] }],
    ['Records[1]={"n":1}', { Records: [event.Records[0], { n: 1 }] }],
    ['detail["a.b"]=2', { detail: { 'a.b': 2 } }],
    ['new.path[0]=true', { new: { path: [true] } }],
    ['text=a=b', { text: 'a=b' }],
    ['body="{}"', { body: '{}' }],
    ['none=null', { none: null }],
  ])('%s changes that alone', (assignment, changes) => {
    expect(setPath(event, assignment)).toEqual({ ...event, ...changes });
  });

  test.each([
    ['novalue', '--set is "novalue": path=value is needed'],
    ['=1', '--set is "=1": path=value is needed'],
    ['a..b=1', '--set: "a..b" is no path: Records[0].body is one'],
    ['Records[5]=1', '--set: [5] is behind the end of a list of 1'],
  ])('%s is refused', (assignment, problem) => {
    expect(() => setPath(event, assignment)).toThrow(problem);
  });

  test('leaves prototypes alone', () => {
    setPath({}, '__proto__.polluted=1');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('on a running stack', () => {
  const project = new TestProject();
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    const fn = (name: string): JsonObject => ({ ...project.writeFunction(name, ECHO) });
    project.writeStack(
      merge(
        role('open', { Effect: 'Allow', Action: '*', Resource: '*' }),
        api,
        routed('shop-work', 'GET /things/{id}'),
        {
          aws_lambda_function: {
            'shop-work': fn('shop-work'),
            'shop-mail-send': fn('shop-mail-send'),
            'shop-news-send': fn('shop-news-send'),
          },
          aws_sns_topic: { news: { name: 'shop-news' } },
          aws_sns_topic_subscription: {
            work: {
              topic_arn: '${aws_sns_topic.news.arn}',
              protocol: 'lambda',
              endpoint: '${aws_lambda_function.shop-work.arn}',
            },
          },
          aws_sqs_queue: { jobs: { name: 'shop-jobs' } },
          aws_lambda_event_source_mapping: {
            jobs: { event_source_arn: '${aws_sqs_queue.jobs.arn}', function_name: 'shop-work' },
          },
          aws_lambda_permission: {
            bucket: {
              action: 'lambda:InvokeFunction',
              function_name: 'shop-work',
              principal: 's3.amazonaws.com',
              source_arn: 'arn:aws:s3:::shop-documents',
            },
          },
        },
      ),
    );
    const runtime = project.run(['--prewarm', '0']);
    const [, url] = await runtime.prints(/AWS_ENDPOINT_URL=(\S+)/);
    environment = { AWS_ENDPOINT_URL: url };
  });

  afterAll(() => project.remove());

  const run = (...args: string[]): Promise<Ended> => call(['invoke', ...args], { environment });
  const piped = (input: string, ...args: string[]): Promise<Ended> =>
    call(['invoke', ...args], { environment, input });
  const json = ({ output }: Ended) => JSON.parse(output) as unknown;

  test('a payload goes in and the answer comes out, from an argument, a file or standard input', async () => {
    writeFileSync(join(project.folder, 'event.json'), '{"from":"file"}');
    const [bare, inline, file, input] = await Promise.all([
      run('work'),
      run('shop-work', '--payload', '{"a":1}', '--set', 'b.c=x'),
      run('work', '-p', `@${join(project.folder, 'event.json')}`),
      piped('{"from":"input"}', 'work', '-p', '-'),
    ]);
    expect(bare).toEqual({ code: 0, output: '{}\n', errors: '' });
    expect(json(inline)).toEqual({ a: 1, b: { c: 'x' } });
    expect(json(file)).toEqual({ from: 'file' });
    expect(json(input)).toEqual({ from: 'input' });
  });

  test('sample events have the names of what feeds the function', async () => {
    const [sns, sqs, s3, http] = await Promise.all([
      run('work', '--event', 'sns', '--set', 'Records[0].Sns.Message=hi'),
      run('work', '--event', 'sqs'),
      run('work', '--event', 's3', '--print'),
      run('work', '--event', 'api-gateway', '--print'),
    ]);
    const topicArn = 'arn:aws:sns:us-east-1:000000000000:shop-news';
    expect(json(sns)).toMatchObject({ Records: [{ Sns: { TopicArn: topicArn, Message: 'hi' } }] });
    const queueArn = 'arn:aws:sqs:us-east-1:000000000000:shop-jobs';
    expect(json(sqs)).toMatchObject({ Records: [{ eventSourceARN: queueArn }] });
    expect(json(s3)).toMatchObject({ Records: [{ s3: { bucket: { name: 'shop-documents' } } }] });
    expect(json(http)).toMatchObject({ routeKey: 'GET /things/{id}', pathParameters: { id: 'sample' } });
  });

  test('a function that fails is exit code 1, with its log beside the answer', async () => {
    const failed = await run('work', '--payload', '{"fail":true}');
    expect(failed.code).toBe(1);
    expect(json(failed)).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
    expect(failed.errors).toMatch(/^START RequestId: .*\n.*\tINFO\tgot it\n[^]*\nREPORT RequestId: .*\n$/);
    const fine = await run('work', '--tail');
    expect(fine).toMatchObject({
      code: 0,
      output: '{}\n',
      errors: expect.stringContaining('got it') as string,
    });
  });

  test('it may be told not to wait, or only to ask', async () => {
    const [later, asked] = await Promise.all([run('work', '--async'), run('work', '--dry-run')]);
    expect(later).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^accepted as request [\da-f-]{36}\n$/) as string,
    });
    expect(asked).toMatchObject({ code: 0, output: 'it could be invoked\n' });
  });

  test.each([
    [['wrok'], 1, 'There is no function wrok: did you mean work?'],
    [['send'], 1, 'Which function is "send"? That may be shop-mail-send or shop-news-send'],
    [['work:live'], 1, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:shop-work:live'],
    [['work', '--event', 'snss'], 2, '--event is "snss", which is no source of events: did you mean sns?'],
    [['work', '--event', 'sns', '--payload', '{}'], 2, 'invoke takes --event or --payload, not both'],
    [['work', '--payload', '{'], 2, '--payload is no JSON: '],
    [['work', '--payload', '@/none.json'], 1, 'The payload cannot be read: '],
    [[], 2, 'invoke: name the function'],
  ])('%j is exit code %d', async (args, code, problem) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({
      code,
      output: '',
      errors: expect.stringContaining(`aws-micro: ${problem}`) as string,
    });
  });

  test('the sources are listed, with who waits', async () => {
    const { output } = await call(['invoke', '--list']);
    expect(output).toMatch(/^source +short +kind +what\n/);
    expect(output).toMatch(/^s3-put +s3 +async +S3: an object was put$/m);
    expect(output).toMatch(/^dynamodb-insert +dynamodb +polled +/m);
    expect(output).toMatch(/^alb +sync +/m);
  });

  test('what functions log is followed until Ctrl-C', async () => {
    const following = new Call(['logs', 'news-send', '--follow'], { environment });
    await run('shop-news-send', '--payload', '{"n":1}');
    await following.prints(/shop-news-send got it\n/);
    following.signal('SIGINT');
    expect(await following.ended).toMatchObject({ code: 0, errors: '' });
    expect(following.output.match(/got it/g)).toHaveLength(1);
  });

  test('what functions logged is shown, by function, time and pattern', async () => {
    await run('shop-mail-send', '--payload', '{"fail":true}');
    const logs = (...args: string[]) => call(['logs', ...args], { environment });
    const [one, errors, none, raw, wrong] = await Promise.all([
      logs('mail-send'),
      logs('--filter', 'ERROR'),
      logs('work', '--since', '0s'),
      logs('mail-send', '--json', '--filter', '"got it"'),
      logs('mail-sned'),
    ]);
    expect(one.output).toMatch(
      /^[\d:.]{12} shop-mail-send got it\n[\d:.]{12} shop-mail-send ERROR\tInvoke Error\t.*\n[\d:.]{12} shop-mail-send Duration: .* ms, Billed .*\n$/,
    );
    expect(errors.output).toContain('shop-mail-send ERROR');
    expect(errors.output).not.toContain('got it');
    expect(none).toMatchObject({ code: 0, output: '' });
    expect(json(raw)).toMatchObject({
      label: 'shop-mail-send',
      message: expect.stringMatching(/\tgot it\n$/) as string,
    });
    expect(wrong).toMatchObject({
      code: 1,
      errors: 'aws-micro: There is no function mail-sned: did you mean mail-send?\n',
    });
    expect(await logs('mail-send', '--since', '2100-01-01')).toMatchObject({ code: 0, output: '' });
    expect(await logs('--since', 'soon')).toMatchObject({ code: 2 });
    expect(await logs('--filter', '{ $.a')).toMatchObject({
      code: 1,
      errors: 'aws-micro: Invalid filter pattern: its brace is not closed\n',
    });
  });
});
