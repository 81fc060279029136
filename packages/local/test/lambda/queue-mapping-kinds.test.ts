import { until } from './support';
import { MappingRig } from './mapping-rig';

let rig: MappingRig;

beforeEach(async () => {
  rig = await MappingRig.create();
});

afterEach(() => rig.dispose());

describe('a FIFO queue', () => {
  const FIFO = { FifoQueue: 'true' };

  test('gives its messages with group, sequence and deduplication, and those of a group in order', async () => {
    await rig.start({ enabled: false }, 1, FIFO);
    for (const body of ['1', '2', '3']) for (const group of ['a', 'b']) await rig.post(body, group);
    await rig.lambda.stop(0);
    await rig.start({ batchSize: 2 }, 1, FIFO);
    await until(async () => (await rig.bodies()).flat().length === 6);
    const records = (await rig.invocations()).flatMap(({ event }) => event.Records);
    for (const group of ['a', 'b']) {
      const own = records.filter(({ attributes }) => attributes.MessageGroupId === group);
      expect(own.map(({ body }) => body)).toEqual(['1', '2', '3']);
      const numbers = own.map(({ attributes }) => attributes.SequenceNumber ?? '');
      expect(numbers).toEqual([...numbers].sort());
      expect(numbers[0]).toMatch(/^\d{20}$/);
    }
    expect(records[0]!.attributes.MessageDeduplicationId).toBe('a-1');
  });

  test('has one batch of a group under way at a time, and groups beside each other', async () => {
    await rig.setMode('hold');
    await rig.start({ batchSize: 1 }, 2, FIFO);
    for (const body of ['1', '2']) for (const group of ['a', 'b']) await rig.post(body, group);
    await rig.invoked(1);
    await until(() => rig.clock.pending.includes(25));
    rig.clock.advance(25);
    await rig.invoked(2);
    expect((await rig.bodies()).flat()).toEqual(['1', '1']);
    expect(await rig.broker.receive(rig.queueArn, { maxMessages: 10, waitSeconds: 0 })).toEqual([]);
    await rig.setMode('');
    await rig.invoked(4);
    expect((await rig.bodies()).flat().slice(2)).toEqual(['2', '2']);
  });

  test('gets back what failed and all that is behind it in its group, in order', async () => {
    await rig.setMode('fail');
    await rig.start({ enabled: false }, 1, FIFO);
    for (const body of ['good 1', 'bad 2', 'good 3', 'good 4']) await rig.post(body, 'a');
    for (const body of ['good 5', 'good 6']) await rig.post(body, 'b');
    await rig.lambda.stop(0);
    await rig.start({}, 1, FIFO);
    await rig.reporter.see(/^recorder ! 6 from work\.fifo, 3 failed$/);
    await rig.setMode('');
    rig.clock.advance(60_000);
    await rig.invoked(2);
    expect((await rig.bodies())[1]).toEqual(['bad 2', 'good 3', 'good 4']);
  });

  test('hands out nothing of a group behind a failure, though the batch came in several events', async () => {
    const queue = { ...FIFO, MaximumMessageSize: '1048576' };
    await rig.setMode('throw');
    await rig.start({ enabled: false }, 1, queue);
    const post = (n: number, group: string) => rig.post(`${n}${'"'.repeat(400_000)}`, group);
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) await post(n, 'a');
    for (const n of [9, 0]) await post(n, 'b');
    await rig.lambda.stop(0);
    await rig.start({}, 1, queue);
    await rig.reporter.see(/ 2 from work\.fifo, 2 failed/);
    const numbers = (await rig.bodies()).map((texts) => texts.map((text) => text[0]).join(''));
    expect(numbers).toEqual(['1234567', '90']);
  });
});

describe('filter criteria', () => {
  test('let through what matches one of them; the rest is deleted', async () => {
    const filterPatterns = [
      '{"body":{"kind":["order"]}}',
      '{"messageAttributes":{"urgent":{"stringValue":["yes"]}}}',
    ];
    await rig.start({ filterPatterns });
    const urgent = { urgent: { dataType: 'String', value: 'yes' } };
    await rig.send('{"kind":"order"}');
    await rig.send('{"kind":"invoice"}', 'text');
    await rig.broker.send(rig.queueArn, { body: 'fire', attributes: urgent });
    await rig.reporter.see(/filtered out/);
    await until(async () => (await rig.bodies()).flat().length === 2);
    expect((await rig.bodies()).flat().sort()).toEqual(['fire', '{"kind":"order"}']);
    await until(() => rig.reporter.lines.filter((line) => line.endsWith('filtered out')).length > 0);
    await rig.lambda.stop(0);
    expect(await rig.left()).toEqual([]);
  });
});

describe('the Lambda API', () => {
  test('stops and starts a mapping again', async () => {
    await rig.start();
    const [{ uuid } = { uuid: '' }] = rig.lambda.control.mappings();
    expect(rig.lambda.control.updateMapping(uuid, { enabled: false }).state).toBe('Disabling');
    expect(rig.lambda.control.mappings()).toMatchObject([{ uuid, state: 'Disabled' }]);
    await rig.send('a');
    expect(rig.lambda.control.updateMapping(uuid, { batchSize: 1 }).state).toBe('Updating');
    expect(await rig.bodies()).toEqual([]);
    expect(rig.lambda.control.updateMapping(uuid, { enabled: true }).state).toBe('Enabling');
    await rig.invoked(1);
    expect(rig.lambda.control.mappings()).toMatchObject([
      { uuid, state: 'Enabled', config: { batchSize: 1 } },
    ]);
  });

  test('deletes a mapping and makes one, with the same id', async () => {
    await rig.start();
    const [before] = rig.lambda.control.mappings();
    expect(rig.lambda.control.deleteMapping(before!.uuid).state).toBe('Deleting');
    expect(rig.lambda.control.mappings()).toEqual([]);
    await rig.send('a');
    expect(rig.lambda.control.createMapping(before!.config)).toMatchObject({
      uuid: before!.uuid,
      state: 'Creating',
    });
    await rig.invoked(1);
    expect(() => rig.lambda.control.createMapping(before!.config)).toThrow(/already exists.*with UUID/);
    expect(() => rig.lambda.control.deleteMapping('other')).toThrow(
      'The resource you requested does not exist.',
    );
  });

  test('refuses what Lambda refuses, and changes nothing then', async () => {
    await rig.start();
    const [before] = rig.lambda.control.mappings();
    expect(() => rig.lambda.control.updateMapping(before!.uuid, { batchSize: 11 })).toThrow(
      'a batch size over 10 needs a batching window of at least 1 s',
    );
    expect(rig.lambda.control.mappings()).toEqual([before]);
  });
});
