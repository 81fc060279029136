import { MotoCloudFront } from './moto-cloudfront';
import type { Answer, Request } from './proxy';

interface SqsCall {
  readonly QueueUrl?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly AttributeNames?: readonly string[];
}

const ATTRIBUTE = 'RedriveAllowPolicy';

/** The VPC in which moto says that every function is. */
const NO_VPC = 'vpc-123abc';

/**
 * The things in which moto 5.2.1 differs from AWS so much that a deploy or destroy fails. Everything that merely shows
 * up as a difference in a plan is in moto-differences.ts instead.
 *
 * - Queues have no RedriveAllowPolicy. The provider reads back what it wrote and waits for the attribute until it gives up.
 * - Functions name a VPC that does not exist. The provider looks for its default security group, to move a function's
 *   network interfaces there before it deletes the function's own.
 * - Buckets refuse the harness by a policy that refuses requests without TLS. It is kept here, and moto does not see it.
 * - CloudFront has no functions and no policies of response headers: {@link MotoCloudFront}.
 */
export class MotoRepairs {
  private readonly redriveAllowPolicies = new Map<string, string>();
  private readonly vpcOfSubnet = new Map<string, string>();
  private readonly bucketPolicies = new Map<string, Buffer>();
  private readonly cloudFront = new MotoCloudFront();

  /** What moto is asked instead, or the answer to what it must not be asked. */
  request(request: Request): Request | Answer {
    const action = sqsAction(request);
    if (action === undefined) {
      return this.cloudFront.answer(request) ?? this.bucketPolicyAnswer(request) ?? request;
    }
    const { AttributeNames: names, Attributes: attributes, ...call } = parse<SqsCall>(request.body);
    const { [ATTRIBUTE]: _, ...known } = attributes ?? {};
    // Moto takes a SetQueueAttributes without Policy for one that removes the queue's policy.
    if (action === 'SetQueueAttributes' && Object.keys(known).length === 0) return empty;
    const passed = {
      ...call,
      ...(names && { AttributeNames: names.filter((name) => name !== ATTRIBUTE) }),
      ...(attributes && { Attributes: known }),
    };
    return { ...request, body: Buffer.from(JSON.stringify(passed)) };
  }

  /** What the provider is answered instead. */
  answer(request: Request, answer: Answer): Answer {
    if (answer.status >= 300) return answer;
    const action = sqsAction(request);
    if (action !== undefined) return this.queueAnswer(action, request, answer);
    if (/(^|&)Action=CreateSubnet(&|$)/.test(request.body.toString())) this.rememberSubnet(answer);
    if (/^\/2015-03-31\/functions\//.test(request.url)) return this.functionAnswer(answer);
    return answer;
  }

  private bucketPolicyAnswer({ method, url, body }: Request): Answer | undefined {
    const [, bucket] = /^\/([^/?]+)\/?\?policy=?$/.exec(url) ?? [];
    if (bucket === undefined) return undefined;
    const policy = this.bucketPolicies.get(bucket);
    if (method === 'PUT') this.bucketPolicies.set(bucket, body);
    else if (method === 'DELETE') this.bucketPolicies.delete(bucket);
    else if (policy) return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
    else return { status: 404, headers: { 'content-type': 'text/xml' }, body: NO_BUCKET_POLICY };
    return { status: 204, headers: {}, body: Buffer.alloc(0) };
  }

  private queueAnswer(action: string, request: Request, answer: Answer): Answer {
    const call = parse<SqsCall>(request.body);
    const url = action === 'CreateQueue' ? parse<SqsCall>(answer.body).QueueUrl : call.QueueUrl;
    const given = call.Attributes?.[ATTRIBUTE];
    if (url === undefined) return answer;
    if (action === 'DeleteQueue' || given === '') this.redriveAllowPolicies.delete(url);
    else if (given !== undefined) this.redriveAllowPolicies.set(url, given);
    const value = this.redriveAllowPolicies.get(url);
    const isAsked = call.AttributeNames?.some((name) => name === 'All' || name === ATTRIBUTE);
    if (action !== 'GetQueueAttributes' || value === undefined || !isAsked) return answer;
    const { Attributes, ...rest } = parse<SqsCall>(answer.body);
    const body = { ...rest, Attributes: { ...Attributes, [ATTRIBUTE]: value } };
    return { ...answer, body: Buffer.from(JSON.stringify(body)) };
  }

  private rememberSubnet(answer: Answer): void {
    const text = answer.body.toString();
    const [subnet, vpc] = ['subnetId', 'vpcId'].map(
      (tag) => new RegExp(`<${tag}>(.+?)</${tag}>`).exec(text)?.[1],
    );
    if (subnet !== undefined && vpc !== undefined) this.vpcOfSubnet.set(subnet, vpc);
  }

  private functionAnswer(answer: Answer): Answer {
    const text = answer.body.toString();
    if (!text.includes(NO_VPC)) return answer;
    const subnet = [...this.vpcOfSubnet.keys()].find((id) => text.includes(`"${id}"`));
    const vpc = this.vpcOfSubnet.get(subnet ?? '');
    return vpc === undefined ? answer : { ...answer, body: Buffer.from(text.replaceAll(NO_VPC, vpc)) };
  }
}

const NO_BUCKET_POLICY = Buffer.from(
  '<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message></Error>',
);

const empty: Answer = {
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from('{}'),
};

function sqsAction({ headers }: Request): string | undefined {
  return /^AmazonSQS\.(\w+)$/.exec(String(headers['x-amz-target']))?.[1];
}

function parse<T>(body: Buffer): T {
  return JSON.parse(body.toString() || '{}') as T;
}
