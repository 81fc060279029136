import { Construct } from 'constructs';
import type { Outputs } from './outputs';
import type { Platform } from './platform';
import { Orders } from './shop/orders';
import type { OrdersStage } from './shop/orders';
import { ShopSite } from './shop/site';
import type { ShopSiteStage } from './shop/site';

/** What a stage decides about the book shop. */
export interface ShopStage {
  readonly orders: OrdersStage;
  readonly site: ShopSiteStage;
}

export interface ShopProps {
  readonly platform: Platform;
  readonly stage: ShopStage;
}

/** The book shop: its pages, who administrates it, and its orders. */
export class Shop extends Construct {
  readonly site: ShopSite;
  readonly orders: Orders;

  constructor(scope: Construct, id: string, { platform, stage }: ShopProps) {
    super(scope, id);
    this.site = new ShopSite(this, 'site', { platform, stage: stage.site });
    this.orders = new Orders(this, 'orders', {
      platform,
      stage: stage.orders,
      administrators: this.site.client.authorization,
    });
  }

  get outputs(): Outputs {
    return { ...this.site.outputs, ...this.orders.outputs };
  }
}
