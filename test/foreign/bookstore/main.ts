import { App, LocalBackend, S3Backend } from 'cdktf';
import { ApiStack } from './stacks/api-stack';
import { SharedStack } from './stacks/shared-stack';
import { WorkersStack } from './stacks/workers-stack';

const app = new App();

const shared = new SharedStack(app, 'bookstore-shared');
new S3Backend(shared, { bucket: 'bookstore-terraform', key: 'shared.tfstate', region: 'eu-west-1' });

const workers = new WorkersStack(app, 'bookstore-workers', shared);
new LocalBackend(workers, { path: 'terraform.workers.tfstate' });

new ApiStack(app, 'bookstore-api', { topic: shared.orderEvents, table: shared.orders });

app.synth();
