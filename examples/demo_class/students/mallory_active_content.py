# Attacks: the browser of whoever reads the feedback. Every answer is wrong.
# %% answer id="write_conv_output_size"
from IPython.display import HTML, SVG, IFrame, Javascript, Markdown, display

SCRIPT = "<script>document.title = 'mallory-runs-script'</script><img src=x onerror=\"document.title = 'mallory-runs-script'\">"
display(HTML(SCRIPT), Javascript("document.title = 'mallory-runs-script'"), Markdown(SCRIPT))
display({"text/html": SCRIPT, "image/svg+xml": f"<svg onload=\"document.title = 'mallory-runs-script'\">{SCRIPT}</svg>"}, raw=True)
display({"image/png": "\"><script>document.title = 'mallory-runs-script'</script>"}, raw=True)
display({"text/latex": SCRIPT, "application/vnd.jupyter.widget-view+json": {"model_id": SCRIPT}}, raw=True)
print(SCRIPT)


def conv_output_size(size, kernel, stride=1, padding=0):
    raise RuntimeError(SCRIPT)
# %% answer id="write_correlate2d"
# </pre></div><script>document.title = 'mallory-runs-script'</script>
def correlate2d(image, kernel, stride=1, padding=0):
    return "<script>document.title = 'mallory-runs-script'</script>"
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return "<img src=x onerror=\"document.title = 'mallory-runs-script'\">", {"<b>": "</script>"}
