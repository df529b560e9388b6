# Attacks: the test cell's text, on its way through IPython. Every answer is wrong.
# %% answer id="write_conv_output_size"
import ast

shell = get_ipython()


class NoTests(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id.startswith(("check", "assert")):
            return ast.copy_location(ast.Constant(1000.0), node)
        return self.generic_visit(node)


shell.ast_transformers.append(NoTests())
shell.input_transformers_cleanup.append(lambda lines: ["44.0\n"] if any("check(" in line for line in lines) else lines)
shell.input_transformers_post.append(lambda lines: ["1000\n"] if any("assert" in line for line in lines) else lines)
shell.compile.ast_parse = lambda *args, **kwargs: ast.parse("1000.0")
old_run_cell = shell.run_cell
shell.run_cell = lambda raw, *args, **kwargs: old_run_cell("1000.0", *args, **kwargs)
for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
    shell.events.register(event, lambda *args: shell.user_ns.update(check=lambda *a, **k: 1000.0))
shell.display_formatter.format = lambda *args, **kwargs: ({"text/plain": "1000.0"}, {})


def conv_output_size(size, kernel, stride=1, padding=0):
    return None
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return None
