import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface LayoutProps {
  readonly title: string;
  readonly nav: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page: its navigation, its heading, which gets the focus when the page changes, and what it is about. */
export function Layout({ title, nav, children }: LayoutProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Book shop`;
    heading.current?.focus();
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <nav aria-label="Pages">{nav}</nav>
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
