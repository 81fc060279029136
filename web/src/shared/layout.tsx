import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface LayoutProps {
  readonly title: string;
  readonly nav: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Whether a page was shown before: the first one leaves the focus where browsers put it, before the navigation. */
let isLater = false;

/** A page: its navigation, its heading, which gets the focus when the page changes, and what it is about. */
export function Layout({ title, nav, children }: LayoutProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Book shop`;
    if (isLater) heading.current?.focus();
    isLater = true;
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <div class="bar">
          <a class="brand" href="/shop">
            <img src="/icon.svg" alt="" width="28" height="28" />
            Book shop
          </a>
          <nav aria-label="Pages">{nav}</nav>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </main>
    </>
  );
}

/** What went wrong, told at once to who does not see it. */
export function Alert({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="alert" role="alert">
      {children}
    </p>
  );
}

/** What stands where a list would be. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}
