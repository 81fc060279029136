/** What the moto account holds, as an observer beside Terraform sees it. */
export class Account {
  constructor(private readonly endpoint: string) {}

  /** ARNs of everything that carries the tag, from all services that moto's tagging API knows. */
  async taggedWith(key: string, value: string): Promise<string[]> {
    const arns: string[] = [];
    let token = '';
    do {
      const request = { TagFilters: [{ Key: key, Values: [value] }], PaginationToken: token };
      const page = await this.call<TaggedPage>(
        'tagging',
        'ResourceGroupsTaggingAPI_20170126.GetResources',
        request,
      );
      arns.push(...page.ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN));
      token = page.PaginationToken ?? '';
    } while (token !== '');
    return arns.sort();
  }

  async keyState(keyId: string): Promise<string> {
    const key = await this.call<{ KeyMetadata: { KeyState: string } }>('kms', 'TrentService.DescribeKey', {
      KeyId: keyId,
    });
    return key.KeyMetadata.KeyState;
  }

  /** The JSON protocol of AWS. Moto reads the service from the credential scope and does not verify the signature. */
  private async call<T>(service: string, target: string, body: unknown): Promise<T> {
    const scope = `test/20260101/us-east-1/${service}/aws4_request`;
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

interface TaggedPage {
  readonly PaginationToken?: string;
  readonly ResourceTagMappingList: readonly { readonly ResourceARN: string }[];
}
