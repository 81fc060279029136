import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { messageOf } from '../shared/api';
import { Alert, Empty, Layout } from '../shared/layout';
import { finishSignIn, isSignedIn, signIn, signOut } from './session';

/** Lets in who is signed in; what they may do is the API's to say. */
export function Gate({ children }: { readonly children: ComponentChildren }) {
  const problem = useSignal('');
  if (isSignedIn.value) return <>{children}</>;
  const start = () => signIn().catch((error: unknown) => (problem.value = messageOf(error)));
  return (
    <Layout title="Administration" nav={<a href="/shop">Shop</a>}>
      {problem.value !== '' && <Alert>{problem.value}</Alert>}
      <Empty>
        <p>Orders and the catalogue are for administrators.</p>
        <button class="primary" onClick={() => void start()}>
          Sign in
        </button>
      </Empty>
    </Layout>
  );
}

/** Where the sign-in page sends people back to. */
export function SignedIn() {
  const { route } = useLocation();
  const problem = useSignal('');
  useEffect(() => {
    finishSignIn(new URLSearchParams(location.search)).then(
      (path) => route(path, true),
      (error: unknown) => (problem.value = messageOf(error)),
    );
  }, []);
  return (
    <Layout title="Signing in" nav={<a href="/shop">Shop</a>}>
      {problem.value === '' ? (
        <p role="status">One moment ...</p>
      ) : (
        <>
          <Alert>{problem.value}</Alert>
          <a href="/admin">Back</a>
        </>
      )}
    </Layout>
  );
}

/** Where one can go in the administration. */
export function AdminNav({ here }: { readonly here: 'orders' | 'books' }) {
  return (
    <>
      <a href="/admin" aria-current={here === 'orders' ? 'page' : undefined}>
        Orders
      </a>
      <a href="/admin/books" aria-current={here === 'books' ? 'page' : undefined}>
        Catalogue
      </a>
      <a href="/shop">Shop</a>
      <button onClick={() => void signOut()}>Sign out</button>
    </>
  );
}
