import { Component, type ReactNode } from 'react';

type Properties = { readonly onError: (error: unknown) => void; readonly children: ReactNode };

/** Reports an exception thrown while rendering and draws nothing more. Ink's own would draw the stack first. */
export class ErrorBoundary extends Component<Properties, { readonly hasFailed: boolean }> {
  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override state = { hasFailed: false };

  override componentDidCatch(error: unknown): void {
    this.props.onError(error);
  }

  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children;
  }
}
