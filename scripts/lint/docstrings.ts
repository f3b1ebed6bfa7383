/** The part of a syntax tree's node that the rule looks at. */
interface Node {
  readonly type: string;
  readonly declaration?: { readonly type: string } | null;
}

/** The part of the linter that the rule asks. */
interface Context {
  readonly sourceCode: { getCommentsBefore(node: Node): { type: string; value: string }[] };
  report(problem: { node: Node; message: string }): void;
}

/** Whatever a module exports says in a docstring what it is for. */
const required = {
  create: (context: Context) => {
    const requireDocstring = (node: Node): void => {
      if (!node.declaration) return;
      const last = context.sourceCode.getCommentsBefore(node).at(-1);
      if (last?.type === 'Block' && last.value.startsWith('*')) return;
      context.report({ node, message: 'An export needs a docstring.' });
    };
    return { ExportNamedDeclaration: requireDocstring, ExportDefaultDeclaration: requireDocstring };
  },
};

/** A plugin of the linter, for what no rule of its own asks. */
export default { meta: { name: 'docstrings' }, rules: { required } };
