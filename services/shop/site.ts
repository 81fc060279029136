import path from 'node:path';
import { Construct } from 'constructs';
import { Account, stackName, StaticSite, UserPool } from '../../modules';
import type { WebClient } from '../../modules';
import type { Outputs } from '../outputs';
import type { Platform } from '../platform';

/** What a stage decides about the pages. */
export interface ShopSiteStage {
  /** Begins the address of the sign-in page; the account's id is added. */
  readonly signInPrefix: string;
  /** Whether the user pool refuses to be deleted. */
  readonly deletionProtection: boolean;
  /** A host name of your own, and its certificate in us-east-1. @default CloudFront's */
  readonly domain?: { readonly name: string; readonly certificateArn: string };
}

export interface ShopSiteProps {
  readonly platform: Platform;
  readonly stage: ShopSiteStage;
}

/**
 * The pages of the book shop, /shop and /admin, and who may sign in to the latter.
 *
 * CloudFront -> bucket (pages), HTTP API (/books), user pool (/oauth2/token)
 */
export class ShopSite extends Construct {
  readonly staff: UserPool;
  readonly site: StaticSite;
  readonly client: WebClient;

  constructor(scope: Construct, id: string, { platform, stage }: ShopSiteProps) {
    super(scope, id);
    const account = Account.of(this);
    this.staff = new UserPool(this, 'staff', {
      name: stackName(this, 'shop-staff'),
      domainPrefix: `${stage.signInPrefix}-${account.id}`,
      groups: ['admin'],
      deletionProtection: stage.deletionProtection,
    });
    this.site = new StaticSite(this, 'site', {
      name: stackName(this, 'shop'),
      bucketName: `${stackName(this, 'shop')}-${account.id}`,
      source: path.join(__dirname, '..', '..', 'web'),
      domain: stage.domain,
      routes: {
        api: {
          paths: ['/books*'],
          host: `${platform.api.api.id}.execute-api.${account.region}.amazonaws.com`,
        },
        'sign-in': { paths: ['/oauth2/token'], host: this.staff.host },
      },
    });
    this.client = this.staff.addWebClient('web', {
      name: 'the book shop',
      callbackUrls: [`${this.site.url}/admin/signed-in`],
      logoutUrls: [`${this.site.url}/admin`],
    });
    this.site.addConfig('config.json', {
      clientId: this.client.id,
      authorizeUrl: `https://${this.staff.host}/oauth2/authorize`,
      logoutUrl: `https://${this.staff.host}/logout`,
    });
  }

  get outputs(): Outputs {
    return {
      shop_url: { value: `${this.site.url}/shop`, description: 'The pages of the book shop' },
      shop_user_pool_id: {
        value: this.staff.pool.id,
        description: 'Where administrators are: aws cognito-idp admin-create-user, admin-add-user-to-group',
      },
    };
  }
}
