import { render } from 'preact';
import { lazy, LocationProvider, Route, Router } from 'preact-iso';
import { Layout } from './shared/layout';
import { CartPage } from './shop/cart-page';
import { Catalogue } from './shop/catalogue';
import { OrderPage } from './shop/order-page';
import './styles.css';

// Shoppers do not load what administrators need.
const OrdersPage = lazy(() => import('./admin/orders-page').then(({ OrdersPage: page }) => page));
const BooksPage = lazy(() => import('./admin/books-page').then(({ BooksPage: page }) => page));
const SignedIn = lazy(() => import('./admin/gate').then(({ SignedIn: page }) => page));

function NotFound() {
  return (
    <Layout title="Nothing here" nav={<a href="/shop">Shop</a>}>
      <p>There is no such page.</p>
    </Layout>
  );
}

function App() {
  return (
    <LocationProvider scope={/^\/(?:shop|admin)(?:\/|$)/}>
      <Router>
        <Route path="/shop" component={Catalogue} />
        <Route path="/shop/cart" component={CartPage} />
        <Route path="/shop/orders/:id" component={OrderPage} />
        <Route path="/admin" component={OrdersPage} />
        <Route path="/admin/books" component={BooksPage} />
        <Route path="/admin/signed-in" component={SignedIn} />
        <Route default component={NotFound} />
      </Router>
    </LocationProvider>
  );
}

if (location.pathname === '/') history.replaceState(null, '', '/shop');
render(<App />, document.getElementById('app')!);
